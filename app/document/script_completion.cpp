// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/script_completion.h"

#include "app/document/function_notes.h"
#include "app/document/initial_value.h"
#include "engine/graph/known_functions.h"

#include <QCoreApplication>
#include <QHash>
#include <QSet>
#include <algorithm>

namespace wr::app {
namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("Completion", text);
}

bool isWordStart(QChar c)
{
    return c.isLetter() || c == u'_';
}

bool isWord(QChar c)
{
    return c.isLetterOrNumber() || c == u'_';
}

struct Function {
    QString name;
    QStringList parameters;
};

const QHash<QString, Function>& functions()
{
    static const QHash<QString, Function> table = [] {
        QHash<QString, Function> result;
        const auto add = [&result](const QString& name, const QStringList& parameters) {
            result.insert(name, {name, parameters});
        };
        for (const graph::KnownFunction& known : graph::knownFunctions()) {
            QStringList parameters;
            for (const std::string_view parameter : known.parameters)
                parameters += QString::fromUtf8(parameter.data(), static_cast<qsizetype>(parameter.size()));
            add(QString::fromUtf8(known.name.data(), static_cast<qsizetype>(known.name.size())), parameters);
        }
        const QStringList assignment{QStringLiteral("value"), QStringLiteral("use_locking"),
                                     QStringLiteral("name")};
        add(QStringLiteral(".assign"), assignment);
        add(QStringLiteral(".assign_add"), assignment);
        add(QStringLiteral(".assign_sub"), assignment);
        add(QStringLiteral(".initialized_value"), {});
        add(QStringLiteral(".minimize"), {QStringLiteral("loss"), QStringLiteral("global_step"),
                                          QStringLiteral("var_list"), QStringLiteral("name")});
        return result;
    }();
    return table;
}

QStringList types()
{
    return {QStringLiteral("tf.float32"), QStringLiteral("tf.float64"), QStringLiteral("tf.int32"),
            QStringLiteral("tf.int64"),   QStringLiteral("tf.uint8"),   QStringLiteral("tf.bool")};
}

/// A call that is open at the cursor.
struct OpenCall {
    QString function; ///< dotted; empty for brackets that are no call
    int nameBegin = 0;
    QChar bracket;
    int commas = 0;
    QString keyword; ///< of the argument at hand
    int argumentBegin = 0;
    QSet<QString> given; ///< keywords written before
};

/// What the text up to the cursor means for a person who goes on writing.
struct Place {
    bool isComment = false;
    bool isText = false; ///< inside a string
    int textBegin = 0;   ///< after its opening quote
    QVector<OpenCall> open;
    int wordBegin = 0; ///< of the dotted word before the cursor
};

/// A statement begins at the first letter of a line, so reading can begin at the last such line.
int statementBegin(const QString& text, int cursor)
{
    constexpr int kMostLines = 400;
    int line = static_cast<int>(text.lastIndexOf(u'\n', std::max(0, cursor - 1)));
    if (cursor == 0)
        return 0;
    for (int count = 0; count < kMostLines; ++count) {
        const int begin = line + 1;
        if (begin < text.size() && begin <= cursor && isWordStart(text[begin]))
            return begin;
        if (line <= 0)
            return 0;
        line = static_cast<int>(text.lastIndexOf(u'\n', line - 1));
    }
    return line + 1;
}

Place placeOf(const QString& text, int cursor)
{
    Place place;
    QString word;
    int wordBegin = 0;
    int i = statementBegin(text, cursor);
    place.wordBegin = cursor;
    while (i < cursor) {
        const QChar c = text[i];
        if (c == u'#') {
            const auto end = static_cast<int>(text.indexOf(u'\n', i));
            if (end < 0 || end >= cursor) {
                place.isComment = true;
                return place;
            }
            i = end;
            continue;
        }
        if (c == u'"' || c == u'\'') {
            const QString triple(3, c);
            const bool isTriple = QStringView(text).mid(i, 3) == triple;
            const int first = i + (isTriple ? 3 : 1);
            int end = first;
            while (end < cursor) {
                if (isTriple ? QStringView(text).mid(end, 3) == triple
                             : (text[end] == c || text[end] == u'\n'))
                    break;
                end += text[end] == u'\\' ? 2 : 1;
            }
            if (end >= cursor) {
                place.isText = true;
                place.textBegin = first;
                return place;
            }
            i = end + (isTriple ? 3 : 1);
            word.clear();
            continue;
        }
        if (isWordStart(c) || (c == u'.' && i + 1 <= cursor)) {
            wordBegin = i;
            while (i < cursor && (isWord(text[i]) || text[i] == u'.'))
                ++i;
            word = text.mid(wordBegin, i - wordBegin);
            if (i == cursor)
                place.wordBegin = wordBegin;
            continue;
        }
        if (c.isDigit()) {
            while (i < cursor && (isWord(text[i]) || text[i] == u'.'))
                ++i;
            word.clear();
            if (i == cursor)
                place.wordBegin = -1; // inside a number there is nothing to offer
            continue;
        }
        if (c == u'(' || c == u'[' || c == u'{') {
            OpenCall call;
            call.bracket = c;
            if (c == u'(' && !word.isEmpty()) {
                call.function = word;
                call.nameBegin = wordBegin;
            }
            call.argumentBegin = i + 1;
            place.open.append(call);
        } else if (c == u')' || c == u']' || c == u'}') {
            if (!place.open.isEmpty())
                place.open.removeLast();
        } else if (c == u',' && !place.open.isEmpty()) {
            OpenCall& call = place.open.last();
            ++call.commas;
            if (!call.keyword.isEmpty())
                call.given.insert(call.keyword);
            call.keyword.clear();
            call.argumentBegin = i + 1;
        } else if (c == u'=' && !place.open.isEmpty() && !word.isEmpty()) {
            place.open.last().keyword = word;
        }
        if (!c.isSpace())
            word.clear();
        ++i;
    }
    return place;
}

/// The innermost call of a known function around the cursor; null when there is none.
const OpenCall* knownCall(const Place& place, const Function** function)
{
    for (auto call = place.open.rbegin(); call != place.open.rend(); ++call) {
        if (call->function.isEmpty())
            continue;
        auto found = functions().constFind(call->function);
        if (found == functions().constEnd())
            found = functions().constFind(call->function.mid(call->function.lastIndexOf(u'.')));
        if (found == functions().constEnd())
            return nullptr;
        *function = &*found;
        return &*call;
    }
    return nullptr;
}

/// Names that lines above the place bind: "x = …", "as x:", "for x in".
QStringList namesAbove(const QString& text, int cursor)
{
    QStringList names;
    QSet<QString> seen;
    const auto add = [&](qsizetype begin, qsizetype end) {
        const QString name = text.mid(begin, end - begin);
        if (!name.isEmpty() && !seen.contains(name)) {
            seen.insert(name);
            names.prepend(name); // the nearest first
        }
    };
    qsizetype line = 0;
    while (line < cursor) {
        qsizetype end = text.indexOf(u'\n', line);
        if (end < 0 || end >= cursor)
            break; // the line at hand binds its name only when it is done
        qsizetype i = line;
        while (i < end && (text[i] == u' ' || text[i] == u'\t'))
            ++i;
        const qsizetype begin = i;
        if (i < end && isWordStart(text[i])) {
            while (i < end && isWord(text[i]))
                ++i;
            const QStringView word = QStringView(text).mid(begin, i - begin);
            qsizetype after = i;
            while (after < end && text[after] == u' ')
                ++after;
            if (after < end && text[after] == u'=' && (after + 1 >= end || text[after + 1] != u'=')) {
                // An argument on a line of its own is indented further than a statement could be.
                if (begin == line || begin - line <= 12)
                    add(begin, i);
            } else if (word == QLatin1String("for")) {
                qsizetype last = after;
                while (last < end && isWord(text[last]))
                    ++last;
                add(after, last);
            } else if (word == QLatin1String("with")) {
                const qsizetype as = text.indexOf(QLatin1String(" as "), i);
                if (as >= 0 && as < end) {
                    qsizetype last = as + 4;
                    while (last < end && isWord(text[last]))
                        ++last;
                    add(as + 4, last);
                }
            }
        }
        line = end + 1;
    }
    return names;
}

CompletionItem functionItem(const Function& function)
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

Completion completeText(const QString& text, int cursor, const Place& place, const QStringList& devices)
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
    const Place place = placeOf(text, cursor);
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

    const Function* function = nullptr;
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
        Place inside = place;
        inside.textBegin = cursor;
        for (CompletionItem item : completeText(text, cursor, inside, devices).items) {
            item.insert = item.label = u'"' + item.insert + u'"';
            completion.items.append(item);
        }
        return completion;
    }
    if (call != nullptr && call == &place.open.last() && call->keyword == QLatin1String("dtype") &&
        (typed.isEmpty() || typed.startsWith(QLatin1String("tf")))) {
        for (const QString& type : types())
            completion.items.append({CompletionItem::Kind::Name, type, type, say("type"), 0, type});
        keepMatching(completion.items, typed);
        return completion;
    }

    const qsizetype dot = typed.lastIndexOf(u'.');
    const bool isModule = typed.startsWith(QLatin1String("tf.")) || typed.startsWith(QLatin1String("wr."));
    if (dot >= 0 && !isModule) {
        // Something of a variable or an optimizer.
        completion.begin = place.wordBegin + static_cast<int>(dot) + 1;
        for (const Function& known : functions()) {
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
        for (const Function& each : functions()) {
            if (!each.name.startsWith(u'.'))
                known.append(functionItem(each));
        }
        for (const QString& type : types())
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
    const Place place = placeOf(text, cursor);
    CallHint hint;
    const Function* function = nullptr;
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

bool isKnownName(const QString& name)
{
    static const QSet<QString> known = [] {
        QSet<QString> names{QStringLiteral("tf"), QStringLiteral("wr"), QStringLiteral("print")};
        for (const QString& type : types())
            names.insert(type);
        for (const Function& function : functions()) {
            names.insert(function.name);
            for (qsizetype dot = function.name.lastIndexOf(u'.'); dot > 0;
                 dot = function.name.lastIndexOf(u'.', dot - 1))
                names.insert(function.name.left(dot));
        }
        return names;
    }();
    return known.contains(name);
}

} // namespace wr::app
