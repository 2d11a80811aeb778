// SPDX-License-Identifier: GPL-3.0-or-later
// Names collapse to templates: which numbers are indices, and which are part of a role.
#include "engine/remap/name_template.h"

#include <QTest>
#include <algorithm>
#include <chrono>

using namespace wr;
using namespace wr::remap;

namespace {

std::vector<TensorSpec> specs(const QStringList& names, const Shape& shape = {4, 4})
{
    std::vector<TensorSpec> made;
    for (const QString& name : names)
        made.push_back({name.toStdString(), DType::Float32, shape});
    return made;
}

QStringList textsOf(const TemplateSet& set)
{
    QStringList texts;
    for (const NameTemplate& one : set.templates())
        texts += QString::fromStdString(one.text());
    return texts;
}

std::vector<TensorSpec> experts(int layers, int count, int firstLayer)
{
    std::vector<TensorSpec> made;
    for (int layer = firstLayer; layer < firstLayer + layers; ++layer) {
        for (int expert = 0; expert < count; ++expert) {
            for (const char* role : {"w1", "w2", "w3"})
                made.push_back({"model.layers." + std::to_string(layer) + ".mlp.experts." +
                                    std::to_string(expert) + "." + role + ".weight",
                                DType::BFloat16, Shape{2048, 7168}});
        }
    }
    return made;
}

} // namespace

class TestNameTemplate : public QObject {
    Q_OBJECT

private slots:
    void collapses_data();
    void collapses();
    void manyExperts();
    void shapesTellRolesFromIndices();
    void paddedNumbers();
    void choices();
    void describes();
    void namesComeBack();
    void oddNames();
    void aMillionNames();
};

void TestNameTemplate::collapses_data()
{
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QStringList>("templates");
    const auto row = [](const char* what, const QStringList& names, const QStringList& templates) {
        QTest::newRow(what) << names << templates;
    };
    row("own segment", {"h.0.w", "h.1.w"}, {"h.{i}.w"});
    row("own segment, slashes", {"enc/0/w", "enc/1/w"}, {"enc/{i}/w"});
    row("brackets", {"cells[0].w", "cells[1].w"}, {"cells[{i}].w"});
    row("index word", {"bert/layer_0/w", "bert/layer_11/w"}, {"bert/layer_{i}/w"});
    row("index word, joined", {"layer1.0.conv1.w", "layer2.1.conv1.w", "layer1.0.conv2.w"},
        {"layer{i}.{j}.conv1.w", "layer1.0.conv2.w"});
    row("h with a number", {"model/h0/w", "model/h1/w"}, {"model/h{i}/w"});
    row("h as a part", {"width0/w", "width1/w"}, {"width0/w", "width1/w"});
    row("words in words", {"Transformer/encoderblock_0/w", "Transformer/encoderblock_1/w"},
        {"Transformer/encoderblock_{i}/w"});
    row("within a segment", {"stage1_unit1_conv1_w", "stage1_unit2_conv1_w", "stage2_unit1_conv1_w"},
        {"stage{i}_unit{j}_conv1_w"});
    row("roles", {"mlp.fc1.w", "mlp.fc2.w"}, {"mlp.fc1.w", "mlp.fc2.w"});
    row("gates of experts", {"e.0.w1", "e.0.w2", "e.0.w3", "e.1.w1", "e.1.w2", "e.1.w3"},
        {"e.{i}.w1", "e.{i}.w2", "e.{i}.w3"});
    row("digits inside a word", {"attn.q_1x", "attn.q_2x", "attn.q_3x", "attn.q_4x", "attn.q_5x"},
        {"attn.q_1x", "attn.q_2x", "attn.q_3x", "attn.q_4x", "attn.q_5x"});
    row("norms", {"layers.0.norm1.g", "layers.0.norm2.g", "layers.1.norm1.g", "layers.1.norm2.g"},
        {"layers.{i}.norm1.g", "layers.{i}.norm2.g"});
    row("layer norms are roles", {"layernorm1.g", "layernorm2.g"}, {"layernorm1.g", "layernorm2.g"});
    row("output number of TensorFlow", {"a/kernel:0", "b/kernel:0"}, {"a/kernel:0", "b/kernel:0"});
    row("slots", {"w/Adam", "w/Adam_1"}, {"w/Adam", "w/Adam_1"});
    row("many alike", {"dense_1/k", "dense_2/k", "dense_3/k", "dense_4/k", "dense_5/k"}, {"dense_{i}/k"});
    row("many, but each with other tensors", {"op_1/a", "op_2/b", "op_3/c", "op_4/d", "op_5/e"},
        {"op_1/a", "op_2/b", "op_3/c", "op_4/d", "op_5/e"});
    row("part of a variable", {"w/part_0", "w/part_1"}, {"w/part_{i}"});
    row("a role in the middle", {"conv2_block1_1_conv/k", "conv2_block2_1_conv/k", "conv2_block1_2_conv/k"},
        {"conv2_block{i}_1_conv/k", "conv2_block1_2_conv/k"});
}

void TestNameTemplate::collapses()
{
    QFETCH(QStringList, names);
    QFETCH(QStringList, templates);
    QCOMPARE(textsOf(TemplateSet::of(specs(names))), templates);
}

void TestNameTemplate::manyExperts()
{
    const std::vector<TensorSpec> all = experts(58, 256, 3);
    QCOMPARE(all.size(), std::size_t{44'544});
    const TemplateSet set = TemplateSet::of(all);
    QCOMPARE(textsOf(set), (QStringList{"model.layers.{i}.mlp.experts.{j}.w1.weight",
                                        "model.layers.{i}.mlp.experts.{j}.w2.weight",
                                        "model.layers.{i}.mlp.experts.{j}.w3.weight"}));
    const NameTemplate& first = set.templates().front();
    QCOMPARE(first.count, std::size_t{14'848});
    QVERIFY(first.isFull() && first.hasOneShape && first.hasOneType);
    QCOMPARE(first.axes[0].first, 3);
    QCOMPARE(first.axes[0].last, 60);
    QVERIFY(first.axes[0].isDense());
    QCOMPARE(first.axes[1].count, std::size_t{256});
    QCOMPARE(first.bytes, std::uint64_t{14'848} * 2048 * 7168 * 2);
}

// Five convolutions of one network differ in shape, five dense layers do not.
void TestNameTemplate::shapesTellRolesFromIndices()
{
    std::vector<TensorSpec> convolutions;
    std::vector<TensorSpec> dense;
    for (int i = 1; i <= 5; ++i) {
        convolutions.push_back({"conv" + std::to_string(i) + "/w", DType::Float32, Shape{3, 3, i, i + 1}});
        dense.push_back({"fc" + std::to_string(i) + "/w", DType::Float32, Shape{200, 200}});
    }
    QCOMPARE(TemplateSet::of(convolutions).templates().size(), std::size_t{5});
    QCOMPARE(textsOf(TemplateSet::of(dense)), QStringList{"fc{i}/w"});
}

void TestNameTemplate::paddedNumbers()
{
    QStringList names;
    for (int i = 0; i < 12; ++i)
        names += QStringLiteral("encoder/block_%1/q").arg(i, 3, 10, QLatin1Char('0'));
    for (int i = 0; i < 12; ++i)
        names += QStringLiteral("decoder/block_%1/q").arg(i, 2, 10, QLatin1Char('0'));
    const std::vector<TensorSpec> all = specs(names);
    const TemplateSet set = TemplateSet::of(all);
    QCOMPARE(textsOf(set), (QStringList{"encoder/block_{i}/q", "decoder/block_{i}/q"}));
    QCOMPARE(set.templates()[0].axes[0].width, std::size_t{3});
    QCOMPARE(set.templates()[1].count, std::size_t{12});
    for (std::size_t i = 0; i < all.size(); ++i)
        QCOMPARE(set.templates()[set.templateOf(i)].nameOf(set.indices(i)), all[i].name);
    // Both spellings in one place are two templates, or names would not come back.
    QCOMPARE(TemplateSet::of(specs({"block_01/q", "block_1/q"})).templates().size(), std::size_t{2});
}

void TestNameTemplate::choices()
{
    const std::vector<TensorSpec> all = experts(2, 2, 0);
    const TemplateSet set = TemplateSet::of(all);
    QCOMPARE(set.roleNumbers().size(), std::size_t{1});
    const RoleNumber& number = set.roleNumbers().front();
    QCOMPARE(QString::fromStdString(number.place), QStringLiteral("model.layers.{}.mlp.experts.{}.w"));
    QCOMPARE(number.first, 1);
    QCOMPARE(number.last, 3);
    QCOMPARE(textsOf(TemplateSet::of(all, {{number.place, true}})),
             QStringList{"model.layers.{i}.mlp.experts.{j}.w{k}.weight"});
    QCOMPARE(TemplateSet::of(all, {{"model.layers.", false}}).templates().size(), std::size_t{6});
}

void TestNameTemplate::describes()
{
    std::vector<TensorSpec> all = specs({"l.3.w", "l.1.w", "l.2.w", "l.7.w"});
    all[0].shape = {9};
    all[3].dtype = DType::Int8;
    const TemplateSet set = TemplateSet::of(all);
    QCOMPARE(set.templates().size(), std::size_t{1});
    const NameTemplate& one = set.templates().front();
    QVERIFY(!one.hasOneShape);
    QVERIFY(!one.hasOneType);
    QVERIFY(!one.axes[0].isDense());
    QCOMPARE(one.first.name, std::string("l.1.w"));
    const auto members = set.members(0);
    QVERIFY(std::equal(members.begin(), members.end(), std::vector<std::uint32_t>{1, 2, 0, 3}.begin()));
    const TemplateSet gap = TemplateSet::of(specs({"l.0.e.0", "l.0.e.1", "l.1.e.0"}));
    QVERIFY(!gap.templates().front().isFull());
}

void TestNameTemplate::namesComeBack()
{
    const std::vector<TensorSpec> all = experts(3, 4, 0);
    const TemplateSet set = TemplateSet::of(all);
    for (std::size_t i = 0; i < all.size(); ++i)
        QCOMPARE(set.templates()[set.templateOf(i)].nameOf(set.indices(i)), all[i].name);
}

void TestNameTemplate::oddNames()
{
    QVERIFY(TemplateSet::of({}).templates().empty());
    const QStringList names{"",
                            ".",
                            "0",
                            "1",
                            "a..b",
                            "9999999999999999999999.w",
                            "l.\x01.1.w",
                            "l.\x01.2.w",
                            "größe.1",
                            "größe.2",
                            "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15"};
    const std::vector<TensorSpec> all = specs(names);
    const TemplateSet set = TemplateSet::of(all);
    for (std::size_t i = 0; i < all.size(); ++i)
        QCOMPARE(set.templates()[set.templateOf(i)].nameOf(set.indices(i)), all[i].name);
    QVERIFY(textsOf(set).contains("größe.{i}"));
    QVERIFY(textsOf(set).contains("l.\x01.1.w"));
}

// A pathological answer (every pair compared) would take hours, so the limit is far from the goal of a
// second.
void TestNameTemplate::aMillionNames()
{
    const std::vector<TensorSpec> all = experts(1302, 256, 0);
    QVERIFY(all.size() > 999'000);
    const auto started = std::chrono::steady_clock::now();
    const TemplateSet set = TemplateSet::of(all);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    qInfo("%zu names: %.2f s", all.size(), seconds);
    QCOMPARE(set.templates().size(), std::size_t{3});
    QVERIFY(seconds < 60.0);
}

QTEST_GUILESS_MAIN(TestNameTemplate)
#include "tst_name_template.moc"
