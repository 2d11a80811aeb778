// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/script_completion.h"

#include "app/document/function_notes.h"
#include "app/document/initial_value.h"
#include "app/document/script_functions.h"
#include "app/document/script_place.h"

#include <QCoreApplication>
#include <algorithm>

namespace wr::app {
namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("Completion", text);
}

/// The innermost call of a known function around the cursor; null when there is none.
const OpenCall* knownCall(const ScriptPlace& place, const ScriptFunction** function)
{
    for (auto call = place.open.rbegin(); call != place.open.rend(); ++call) {
        if (call->function.isEmpty())
            continue;
        auto found = scriptFunctions().constFind(call->function);
        if (found == scriptFunctions().constEnd())
            found = scriptFunctions().constFind(call->function.mid(call->function.lastIndexOf(u'.')));
        if (found == scriptFunctions().constEnd())
            return nullptr;
        *function = &*found;
        return &*call;
    }
    return nullptr;
}

CompletionItem functionItem(const ScriptFunction& function)
{
    CompletionItem item;
    item.kind = CompletionItem::Kind::Function;
    const bool isMethod = function.name.startsWith(u'.');
    const QString name = isMethod ? function.name.mid(1) : function.name;
    item.label = name + u'(' + function.parameters.join(QLatin1String(", ")) + u')';
    item.insert = name + QLatin1String("()");
    item.cursorBack = function.parameters.isEmpty() ? 0 : 1;
    item.note = functionNote(name);
    item.matches = name;
    return item;
}

/// Words that begin so come before words that only contain it; the shortest first.
void keepMatching(QVector<CompletionItem>& items, const QString& typed)
{
    if (typed.isEmpty())
        return;
    // "tf.normal" is within "tf.random_normal".
    const QString module = typed.left(typed.lastIndexOf(u'.') + 1);
    const QString leaf = typed.mid(module.size());
    QVector<CompletionItem> begins;
    QVector<CompletionItem> contains;
    for (const CompletionItem& item : std::as_const(items)) {
        if (item.matches == typed && item.kind != CompletionItem::Kind::Function)
            continue;
        if (item.matches.startsWith(typed, Qt::CaseInsensitive))
            begins.append(item);
        else if (item.matches.startsWith(module, Qt::CaseInsensitive) &&
                 item.matches.indexOf(leaf, module.size(), Qt::CaseInsensitive) >= 0)
            contains.append(item);
    }
    items = begins + contains;
}

Completion completeText(const QString& text, int cursor, const ScriptPlace& place, const QStringList& devices)
{
    Completion completion;
    completion.begin = place.textBegin;
    completion.end = cursor;
    if (place.open.isEmpty())
        return completion;
    const OpenCall& call = place.open.last();
    QStringList words;
    if (call.function == QLatin1String("tf.device") ||
        (call.function == QLatin1String("wr.place") &&
         (call.commas == 1 || call.keyword == QLatin1String("device")))) {
        words = devices;
        // Those that the script names elsewhere.
        for (qsizetype at = text.indexOf(QLatin1String("tf.device(")); at >= 0;
             at = text.indexOf(QLatin1String("tf.device("), at + 1)) {
            const qsizetype open = at + 10;
            if (open >= text.size() || (text[open] != u'"' && text[open] != u'\''))
                continue;
            const qsizetype close = text.indexOf(text[open], open + 1);
            const QString name = close > open ? text.mid(open + 1, close - open - 1) : QString();
            if (name.startsWith(u'/') && !name.contains(u'\n') && open + 1 != place.textBegin &&
                !words.contains(name))
                words += name;
        }
        for (const char* usual : {"/cpu:0", "/gpu:0"}) {
            if (!words.contains(QLatin1String(usual)))
                words += QLatin1String(usual);
        }
    } else if (call.keyword == QLatin1String("name")) {
        // The name on the left of the statement is the one that it should have.
        const int begin = statementBegin(text, cursor);
        const qsizetype line = text.lastIndexOf(u'\n', std::max(0, call.nameBegin - 1)) + 1;
        for (const qsizetype from : {static_cast<qsizetype>(begin), line}) {
            const qsizetype equals = text.indexOf(u'=', from);
            if (equals < 0 || equals >= cursor)
                continue;
            const QString target = text.mid(from, equals - from).trimmed();
            if (!target.isEmpty() && std::all_of(target.begin(), target.end(), isWord) &&
                !words.contains(target))
                words += target;
        }
    }
    for (const QString& word : std::as_const(words))
        completion.items.append({CompletionItem::Kind::Text, word, word, {}, 0, word});
    keepMatching(completion.items, text.mid(place.textBegin, cursor - place.textBegin));
    return completion;
}

} // namespace

Completion completeScript(const QString& text, int cursor, const QStringList& devices, bool isAsked)
{
    cursor = std::clamp(cursor, 0, static_cast<int>(text.size()));
    const ScriptPlace place = scriptPlace(text, cursor);
    Completion completion;
    completion.begin = completion.end = cursor;
    if (place.isComment)
        return completion;
    if (place.isText)
        return completeText(text, cursor, place, devices);
    if (place.wordBegin < 0)
        return completion;
    QString typed = text.mid(place.wordBegin, cursor - place.wordBegin);
    completion.begin = place.wordBegin;
    while (completion.end < text.size() && isWord(text[completion.end]))
        ++completion.end;

    const ScriptFunction* function = nullptr;
    const OpenCall* call = knownCall(place, &function);
    const bool isFirst =
        call != nullptr && call->bracket == u'(' && call == &place.open.last() && call->keyword.isEmpty() &&
        QStringView(text).mid(call->argumentBegin, place.wordBegin - call->argumentBegin).trimmed().isEmpty();

    // A hole: what a variable may begin with takes its place.
    const bool isHole = typed == QLatin1String("...") || typed == QLatin1String("..");
    const bool isInitialValue =
        call != nullptr && call == &place.open.last() &&
        (call->function == QLatin1String("tf.Variable") ? (call->commas == 0 && call->keyword.isEmpty()) ||
                                                              call->keyword == QLatin1String("initial_value")
                                                        : call->keyword == QLatin1String("initializer"));
    if (isHole || (isFirst && isInitialValue && typed.isEmpty())) {
        if (!isHole && QStringView(text).mid(cursor, 3) == QLatin1String("..."))
            completion.end = cursor + 3;
        for (const InitialValueForm& form : initialValueForms()) {
            CompletionItem item;
            item.kind = CompletionItem::Kind::Function;
            item.insert = initialValueText(
                form, {}, {}, call != nullptr && call->function.endsWith(QLatin1String("get_variable")));
            item.label = item.insert;
            item.note = form.label;
            item.matches = item.insert;
            if (item.insert.contains(QLatin1String("[]")))
                item.cursorBack =
                    static_cast<int>(item.insert.size() - item.insert.indexOf(QLatin1String("[]")) - 1);
            completion.items.append(item);
        }
        return completion;
    }

    if (call != nullptr && call == &place.open.last() && call->keyword == QLatin1String("name") &&
        typed.isEmpty()) {
        ScriptPlace inside = place;
        inside.textBegin = cursor;
        for (CompletionItem item : completeText(text, cursor, inside, devices).items) {
            item.insert = item.label = u'"' + item.insert + u'"';
            completion.items.append(item);
        }
        return completion;
    }
    if (call != nullptr && call == &place.open.last() && call->keyword == QLatin1String("dtype") &&
        (typed.isEmpty() || typed.startsWith(QLatin1String("tf")))) {
        for (const QString& type : scriptTypes())
            completion.items.append({CompletionItem::Kind::Name, type, type, say("type"), 0, type});
        keepMatching(completion.items, typed);
        return completion;
    }

    const qsizetype dot = typed.lastIndexOf(u'.');
    const bool isModule = typed.startsWith(QLatin1String("tf.")) || typed.startsWith(QLatin1String("wr."));
    if (dot >= 0 && !isModule) {
        // Something of a variable or an optimizer.
        completion.begin = place.wordBegin + static_cast<int>(dot) + 1;
        for (const ScriptFunction& known : scriptFunctions()) {
            if (known.name.startsWith(u'.'))
                completion.items.append(functionItem(known));
        }
        std::sort(completion.items.begin(), completion.items.end(),
                  [](const CompletionItem& a, const CompletionItem& b) { return a.matches < b.matches; });
        keepMatching(completion.items, typed.mid(dot + 1));
        return completion;
    }
    if (typed.isEmpty() && !isAsked && !isFirst)
        return completion;

    if (!isModule && isFirst) {
        int place_ = 0;
        for (const QString& parameter : function->parameters) {
            const bool isPast = place_++ < call->commas && call->given.isEmpty();
            if (isPast || call->given.contains(parameter))
                continue;
            completion.items.append({CompletionItem::Kind::Argument, parameter + u'=', parameter + u'=',
                                     say("argument of %1").arg(call->function), 0, parameter});
        }
    }
    if (!isModule) {
        for (const QString& name : namesAbove(text, place.wordBegin))
            completion.items.append({CompletionItem::Kind::Name, name, name, {}, 0, name});
    }
    if (isModule || isAsked || !typed.isEmpty()) {
        QVector<CompletionItem> known;
        for (const ScriptFunction& each : scriptFunctions()) {
            if (!each.name.startsWith(u'.'))
                known.append(functionItem(each));
        }
        for (const QString& type : scriptTypes())
            known.append({CompletionItem::Kind::Name, type, type, say("type"), 0, type});
        std::sort(known.begin(), known.end(),
                  [](const CompletionItem& a, const CompletionItem& b) { return a.matches < b.matches; });
        completion.items += known;
    }
    keepMatching(completion.items, typed);
    return completion;
}

CallHint callAt(const QString& text, int cursor)
{
    cursor = std::clamp(cursor, 0, static_cast<int>(text.size()));
    const ScriptPlace place = scriptPlace(text, cursor);
    CallHint hint;
    const ScriptFunction* function = nullptr;
    const OpenCall* call = place.isComment ? nullptr : knownCall(place, &function);
    if (call == nullptr)
        return hint;
    hint.function = call->function;
    hint.parameters = function->parameters;
    hint.begin = call->nameBegin;
    hint.note = functionNote(function->name.startsWith(u'.') ? function->name.mid(1) : function->name);
    hint.current = call->keyword.isEmpty() ? call->commas
                                           : static_cast<int>(function->parameters.indexOf(call->keyword));
    if (hint.current >= function->parameters.size())
        hint.current = -1;
    return hint;
}

} // namespace wr::app
