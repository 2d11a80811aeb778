// SPDX-License-Identifier: GPL-3.0-or-later
// Mappings: their text, what they make of names and shapes, and the way back.
#include "engine/remap/evaluation.h"
#include "engine/remap/presets.h"

#include <QTest>

using namespace wr;
using namespace wr::remap;

namespace {

TensorSpec spec(const char* name, Shape shape, DType dtype = DType::Float32)
{
    return {name, dtype, std::move(shape)};
}

std::vector<TensorSpec> specs(const QStringList& names, const Shape& shape = {4, 6})
{
    std::vector<TensorSpec> made;
    for (const QString& name : names)
        made.push_back({name.toStdString(), DType::Float32, shape});
    return made;
}

Mapping mappingOf(const QString& rules)
{
    const Result<Mapping> mapping = Mapping::parse(("wrmap 1\n" + rules).toStdString());
    if (!mapping)
        qFatal("%s", mapping.error().toString().c_str());
    return *mapping;
}

QStringList madeBy(const Evaluation& evaluation, std::span<const TensorSpec> sources)
{
    QStringList made;
    for (std::size_t i = 0; i < evaluation.recipes.size(); ++i) {
        const Recipe& recipe = evaluation.recipes[i];
        QStringList inputs;
        for (const RecipeInput& input : recipe.inputs)
            inputs += QString::fromStdString(sources[input.source].name);
        made += inputs.join("+") + ">" + QString::fromStdString(recipe.target) +
                QString::fromStdString(evaluation.made[i].shape.toString());
    }
    return made;
}

QString problems(const Evaluation& evaluation)
{
    QStringList all;
    for (const MappingProblem& problem : evaluation.problems)
        all += QString::fromStdString(problem.tensor + ": " + problem.what);
    return all.join("\n");
}

} // namespace

class TestMapping : public QObject {
    Q_OBJECT

private slots:
    void textComesBack();
    void errorsNameLineAndCause_data();
    void errorsNameLineAndCause();
    void evaluates_data();
    void evaluates();
    void simultaneous();
    void conflicts();
    void problemsAreAllTold();
    void hits();
    void wantedShapes();
    void wayBack_data();
    void wayBack();
    void noWayBack();
    void presets();
    void presetsGoBothWays();
};

void TestMapping::textComesBack()
{
    const QByteArray text = "wrmap 1\n"
                            "others drop\n"
                            "# Names of the old project\n"
                            "# in two lines\n"
                            "exact a -> b | transpose cast(float16)\n"
                            "exact \"with space\" -> \"\\\"quoted\\\"\\x09\"\n"
                            "exact q + k + v -> qkv | transpose concat(0) reshape(2, -1)\n"
                            "exact qkv -> q + k + v | split(0, 4, 2, 2)\n"
                            "template l.{i}.{p=a|b} -> b.{i+1}.{p:a=x,b=y}\n"
                            "template e.{j}.w -> e | stack(0)\n"
                            "off template l.{i} -> m.{i} | pad(0, 0, 4, zeros) scale(0.5, 0.25)\n"
                            "prefix module. -> \"\"\n"
                            "regex ^x\\.(.*)$ -> $1\n"
                            "preset llama-hf -> llama-gguf heads=32 kv_heads=8\n"
                            "drop {r=**}/Adam\n";
    const Result<Mapping> mapping =
        Mapping::parse(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
    QVERIFY2(mapping, mapping ? "" : mapping.error().message().c_str());
    QCOMPARE(mapping->rules.size(), std::size_t{11});
    QVERIFY(!mapping->keepsOthers);
    QCOMPARE(mapping->rules[1].to.front(), std::string("\"quoted\"\t"));
    QCOMPARE(mapping->rules[6].isOn, false);
    QCOMPARE(mapping->rules[0].line, 5);
    QCOMPARE(QByteArray::fromStdString(mapping->text()), text);
    const Result<Mapping> windows = Mapping::parse("\xEF\xBB\xBFwrmap 1\r\n\r\nexact a -> b # why\r\n");
    QVERIFY(windows);
    QCOMPARE(windows->rules.front().to.front(), std::string("b"));
}

void TestMapping::errorsNameLineAndCause_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* text, const char* part) { QTest::newRow(part) << text << part; };
    row("", "line 1: a mapping begins with \"wrmap 1\"");
    row("exact a -> b", "line 1: a mapping begins");
    row("wrmap 2", "line 1: version 2 of mappings is not known");
    row("wrmap 1\n\nrename a -> b", "line 3: \"rename\" is no kind of rule");
    row("wrmap 1\nexact a", "line 2: -> and the new name are missing");
    row("wrmap 1\nexact a b -> c", "line 2: -> and the new name");
    row("wrmap 1\nexact a -> b c", "line 2: \"c\" is not expected here");
    row("wrmap 1\nexact + a -> b", "line 2: a + without a name");
    row("wrmap 1\nexact a -> ", "line 2: a name is missing");
    row("wrmap 1\nexact \"a -> b", "line 2: the closing quotation mark");
    row("wrmap 1\nexact \"\\q\" -> b", "line 2: within quotation marks");
    row("wrmap 1\nexact a -> b |", "line 2: operations are missing");
    row("wrmap 1\nexact a -> b | turn", "line 2: \"turn\": there is no such operation");
    row("wrmap 1\nexact a -> b | permute(x)", "\"x\" is no whole number");
    row("wrmap 1\nexact a -> b | cast(float)", "cast takes one type");
    row("wrmap 1\nexact a -> b | slice(0, 1)", "it takes 3 numbers");
    row("wrmap 1\nexact a -> b | pad(0, 1, 1, ones)", "pad takes axis, before, after");
    row("wrmap 1\nexact a + b -> c", "several names before the -> need concat or stack");
    row("wrmap 1\nexact a -> b + c", "several names behind the -> need split or unstack");
    row("wrmap 1\nexact a + b -> c | concat(0) stack(0)", "only one of concat");
    row("wrmap 1\nprefix a + b -> c | concat(0)", "can stand in exact and template rules only");
    row("wrmap 1\ntemplate a.{i} -> b.{j}", "{j} is not in the names before the ->");
    row("wrmap 1\ntemplate a.{2*i+j} -> b", "a sum of several variables");
    row("wrmap 1\ntemplate a.{i}.{j} -> b | stack(0)", "over one variable");
    row("wrmap 1\ntemplate a.{i} -> b.{i} | stack(0)", "there is nothing to join");
    row("wrmap 1\nregex (a -> b", "a ( without its )");
    row("wrmap 1\npreset bert-hf -> llama-gguf", "are not of one family");
    row("wrmap 1\npreset x -> llama-gguf", "there is no naming \"x\"");
    row("wrmap 1\npreset llama-hf -> llama-gguf", "say how many there are");
    row("wrmap 1\nothers maybe", "line 2: behind \"others\"");
}

void TestMapping::errorsNameLineAndCause()
{
    QFETCH(QString, text);
    QFETCH(QString, part);
    const Result<Mapping> mapping = Mapping::parse(text.toStdString());
    QVERIFY(!mapping);
    const QString message = QString::fromStdString(mapping.error().message());
    QVERIFY2(message.contains(part), qPrintable(message));
}

void TestMapping::evaluates_data()
{
    QTest::addColumn<QString>("rules");
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QStringList>("made");
    const auto row = [](const char* what, const char* rules, const QStringList& names,
                        const QStringList& made) { QTest::newRow(what) << rules << names << made; };
    row("nothing", "", {"a"}, {"a>a[4, 6]"});
    row("others go", "others drop", {"a"}, {});
    row("exact before template", "template {p=*} -> t.{p}\nexact a -> x | transpose", {"a", "b"},
        {"a>x[6, 4]", "b>t.b[4, 6]"});
    row("prefix", "prefix module. -> \"\"", {"module.a", "b"}, {"module.a>a[4, 6]", "b>b[4, 6]"});
    row("longest prefix", "prefix a. -> x.\nprefix a.b. -> y.", {"a.b.c", "a.c"},
        {"a.b.c>y.c[4, 6]", "a.c>x.c[4, 6]"});
    row("add a prefix", "prefix \"\" -> m.", {"a"}, {"a>m.a[4, 6]"});
    row("regex", "regex ^(.*)_(\\d+)$ -> $1.$2", {"l_1"}, {"l_1>l.1[4, 6]"});
    row("drop", "drop {r=**}/Adam", {"w", "w/Adam"}, {"w>w[4, 6]"});
    row("copy", "exact a -> x\nexact a -> y", {"a"}, {"a>x[4, 6]", "a>y[4, 6]"});
    row("concat", "exact q + k + v -> qkv | transpose concat(1)", {"v", "q", "k"}, {"q+k+v>qkv[6, 12]"});
    row("concat by template", "template {i}.q + {i}.k -> {i}.qk | concat(0)", {"0.q", "1.q", "1.k", "0.k"},
        {"0.q+0.k>0.qk[8, 6]", "1.q+1.k>1.qk[8, 6]"});
    row("split", "template {i}.qkv -> {i}.q + {i}.k | split(1) transpose", {"0.qkv"},
        {"0.qkv>0.q[3, 4]", "0.qkv>0.k[3, 4]"});
    row("split in sizes", "exact a -> b + c | split(1, 4, 2)", {"a"}, {"a>b[4, 4]", "a>c[4, 2]"});
    row("stack", "template e.{j}.w -> w | stack(0)", {"e.1.w", "e.0.w", "e.2.w"},
        {"e.0.w+e.1.w+e.2.w>w[3, 4, 6]"});
    row("stack in number order", "template {i}.e.{j} -> {i}.w | stack(0)",
        {"0.e.0", "0.e.1", "0.e.10", "0.e.2", "0.e.3", "0.e.4", "0.e.5", "0.e.6", "0.e.7", "0.e.8", "0.e.9"},
        {"0.e.0+0.e.1+0.e.2+0.e.3+0.e.4+0.e.5+0.e.6+0.e.7+0.e.8+0.e.9+0.e.10>0.w[11, 4, 6]"});
    row("unstack", "template {i}.w -> {i}.e.{j} | unstack(0)", {"7.w"},
        {"7.w>7.e.0[6]", "7.w>7.e.1[6]", "7.w>7.e.2[6]", "7.w>7.e.3[6]"});
    row("off", "off exact a -> b", {"a"}, {"a>a[4, 6]"});
}

void TestMapping::evaluates()
{
    QFETCH(QString, rules);
    QFETCH(QStringList, names);
    QFETCH(QStringList, made);
    const std::vector<TensorSpec> sources = specs(names);
    const Evaluation evaluation = evaluate(mappingOf(rules), sources);
    QVERIFY2(evaluation.problems.empty(), qPrintable(problems(evaluation)));
    QCOMPARE(madeBy(evaluation, sources), made);
}

// Applied one after the other, all would end up as norm2.
void TestMapping::simultaneous()
{
    const std::vector<TensorSpec> sources = specs({"norm0", "norm1", "a", "b"});
    const Evaluation evaluation = evaluate(
        mappingOf("exact norm0 -> norm1\nexact norm1 -> norm2\nexact a -> b\nexact b -> a"), sources);
    QCOMPARE(madeBy(evaluation, sources),
             (QStringList{"norm0>norm1[4, 6]", "norm1>norm2[4, 6]", "a>b[4, 6]", "b>a[4, 6]"}));
}

void TestMapping::conflicts()
{
    const std::vector<TensorSpec> sources = specs({"a", "b", "c", "kept"});
    const Mapping mapping = mappingOf("exact a -> x\nexact b -> x\nexact c -> kept");
    const Evaluation evaluation = evaluate(mapping, sources);
    QCOMPARE(evaluation.problems.size(), std::size_t{2});
    QCOMPARE(evaluation.problems[0].rules, (std::vector<std::size_t>{0, 1}));
    QVERIFY(problems(evaluation).contains("\"a\" by line 2, \"b\" by line 3"));
    QCOMPARE(evaluation.problems[1].rules, std::vector<std::size_t>{2});
    QVERIFY(problems(evaluation).contains("\"kept\" has it already"));
    QVERIFY(evaluation.recipes.empty());
}

void TestMapping::problemsAreAllTold()
{
    const std::vector<TensorSpec> sources = specs({"a", "b", "c", "e.0", "e.2", "q", "h"});
    const Evaluation evaluation = evaluate(mappingOf("exact a -> x | slice(0, 0, 9)\n"
                                                     "exact b -> y | reshape(5, -1)\n"
                                                     "exact c -> z1 + z2 | split(0, 1, 1)\n"
                                                     "template e.{j} -> e | stack(0)\n"
                                                     "exact q + k -> qk | concat(0)\n"
                                                     "exact h -> hh | heads(4, pairs)"),
                                           sources);
    QVERIFY(evaluation.recipes.empty());
    const QString all = problems(evaluation);
    QCOMPARE(evaluation.problems.size(), std::size_t{6});
    QVERIFY2(all.contains("slice(0, 0, 9): [4, 6] has only 4 entries along axis 0"), qPrintable(all));
    QVERIFY2(all.contains("reshape(5, -1): [4, 6] cannot be divided so"), qPrintable(all));
    QVERIFY2(all.contains("2 entries of [4, 6] are left over"), qPrintable(all));
    QVERIFY2(all.contains("j = 1 is missing"), qPrintable(all));
    QVERIFY2(all.contains("k is missing"), qPrintable(all));
    QVERIFY2(all.contains("no 4 heads of an even number of rows"), qPrintable(all));
}

void TestMapping::hits()
{
    const std::vector<TensorSpec> sources = specs({"l.0", "l.1", "x", "y"});
    const Evaluation evaluation =
        evaluate(mappingOf("template l.{i} -> m.{i}\nexact x -> z\nexact gone -> g\ndrop y"), sources);
    QCOMPARE(evaluation.hits, (std::vector<std::size_t>{2, 1, 0, 1}));
    QCOMPARE(evaluation.dropped, std::vector<std::size_t>{3});
    QVERIFY(evaluation.others.empty());
}

void TestMapping::wantedShapes()
{
    const std::vector<TensorSpec> sources = specs({"a", "b"});
    const Shape wanted{2, 3, 4};
    const Mapping mapping = mappingOf("exact a -> x | reshape()\nexact b -> y | reshape()");
    const Evaluation evaluation =
        evaluate(mapping, sources, [&](const std::string& name) { return name == "x" ? &wanted : nullptr; });
    QCOMPARE(madeBy(evaluation, sources), QStringList{"a>x[2, 3, 4]"});
    QCOMPARE(QString::fromStdString(textOf(evaluation.recipes[0].inputs[0].operations)),
             QString("reshape(2, 3, 4)"));
    QVERIFY(problems(evaluation).contains("the shape of the target is not known"));
}

void TestMapping::wayBack_data()
{
    QTest::addColumn<QString>("rules");
    QTest::addColumn<QStringList>("names");
    QTest::newRow("names") << "exact a -> b\nexact b -> a\nprefix m. -> \"\""
                           << QStringList{"a", "b", "m.c", "d"};
    QTest::newRow("operations") << "exact a -> b | transpose reshape(3, 8) permute(1, 0) pad(0, 1, 3, zeros) "
                                   "cast(float64) unsqueeze(0) merge(0) heads(1, pairs)"
                                << QStringList{"a"};
    QTest::newRow("concat") << "exact q + k -> qk | transpose concat(1) transpose" << QStringList{"q", "k"};
    QTest::newRow("split") << "exact a -> b + c | transpose split(0, 2, 4) transpose" << QStringList{"a"};
    QTest::newRow("stack") << "template e.{j} -> e | transpose stack(1) permute(2,0,1)"
                           << QStringList{"e.0", "e.1", "e.2"};
    QTest::newRow("unstack") << "exact e -> e.0 + e.1 + e.2 + e.3 | unstack(0)" << QStringList{"e"};
    QTest::newRow("a copy is enough") << "exact a -> b\nexact a -> c | slice(0, 0, 1)" << QStringList{"a"};
    QTest::newRow("stack of one") << "template e.{j} -> e | stack(0)" << QStringList{"e.0"};
}

// There and back gives the names and shapes from before.
void TestMapping::wayBack()
{
    QFETCH(QString, rules);
    QFETCH(QStringList, names);
    const std::vector<TensorSpec> sources = specs(names);
    const Evaluation there = evaluate(mappingOf(rules), sources);
    QVERIFY2(there.problems.empty(), qPrintable(problems(there)));
    const Result<Mapping> mapping = inverseOf(there, sources);
    QVERIFY2(mapping, mapping ? "" : mapping.error().message().c_str());
    const Result<Mapping> read = Mapping::parse(mapping->text());
    QVERIFY2(read, read ? "" : read.error().message().c_str());
    const Evaluation back = evaluate(*read, there.made);
    QVERIFY2(back.problems.empty(), qPrintable(problems(back)));
    QCOMPARE(back.made.size(), sources.size());
    for (const TensorSpec& made : back.made) {
        const auto found = std::find(sources.begin(), sources.end(), made);
        QVERIFY2(found != sources.end(), made.name.c_str());
    }
}

void TestMapping::noWayBack()
{
    const std::vector<TensorSpec> sources = specs({"a", "b"});
    const auto why = [&](const char* rules) {
        const Result<Mapping> back = inverseOf(evaluate(mappingOf(rules), sources), sources);
        return back ? QString() : QString::fromStdString(back.error().message());
    };
    QVERIFY(why("exact a -> x | slice(0, 0, 2)").contains("slice(0, 0, 2) loses values"));
    QVERIFY(why("drop a").contains("nothing is made of \"a\""));
    QVERIFY(why("exact a -> x | cast(float16)").contains("would round values"));
    QVERIFY(why("exact a -> x | cast(int8)").contains("loses values"));
    bool rounds = false;
    QVERIFY(inverseOf(evaluate(mappingOf("exact a -> x | cast(float16)"), sources), sources, &rounds));
    QVERIFY(rounds);
}

void TestMapping::presets()
{
    QVERIFY(namings().size() > 20);
    const std::vector<TensorSpec> sources = {spec("bert/encoder/layer_3/attention/self/query/kernel", {8, 8}),
                                             spec("bert/pooler/dense/bias", {8})};
    const Evaluation evaluation = evaluate(mappingOf("preset bert-tf -> bert-hf"), sources);
    QCOMPARE(madeBy(evaluation, sources),
             (QStringList{"bert/encoder/layer_3/attention/self/query/"
                          "kernel>bert.encoder.layer.3.attention.self.query.weight[8, 8]",
                          "bert/pooler/dense/bias>bert.pooler.dense.bias[8]"}));
    QCOMPARE(QString::fromStdString(evaluation.recipes[0].text(sources)), QString("transpose"));
    QVERIFY(evaluation.recipes[1].isCopy());
}

// Every pattern of every table is matched by the name that it makes, and each pair of namings gives rules
// that work.
void TestMapping::presetsGoBothWays()
{
    const HeadCounts counts{4, 4};
    for (const Naming& a : namings()) {
        for (const Naming& b : namings()) {
            if (a.family != b.family || a.name == b.name)
                continue;
            const auto pairs = presetPairs(a.name + "@p.", b.name, counts);
            QVERIFY(pairs);
            QVERIFY2(pairs->size() > 5, (a.name + " " + b.name).c_str());
            for (const PresetRule& pair : *pairs) {
                const Status status = checkRule(pair.rule);
                QVERIFY2(status.isOk(), (textOf(pair.rule) + ": " + status.message()).c_str());
                QVERIFY(pair.rule.from.front().starts_with("p."));
            }
        }
    }
}

QTEST_GUILESS_MAIN(TestMapping)
#include "tst_mapping.moc"
