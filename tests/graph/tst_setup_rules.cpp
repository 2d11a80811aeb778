// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of the ops that make, join, cut and scatter values.
#include "tests/graph/asked_rule.h"

#include <QTest>

#include <cmath>

using namespace wr;
using namespace wr::graph;
using backend::OpAttributes;
using backend::OpCode;

namespace {

OpAttributes limits(double low, double high)
{
    OpAttributes attributes;
    attributes.scalars[0] = low;
    attributes.scalars[1] = high;
    return attributes;
}

} // namespace

class TestSetupRules : public QObject {
    Q_OBJECT
private slots:
    void infers_data();
    void infers();
    void refuses_data();
    void refuses();
};

void TestSetupRules::infers_data()
{
    QTest::addColumn<Asked>("asked");
    QTest::addColumn<OutputSpec>("expected");
    const auto row = [](const char* name, const Asked& asked, const OutputSpec& expected) {
        QTest::newRow(name) << asked << expected;
    };
    row("random integers", {OpCode::RandomUniformInt, {}, limits(-3, 9), i64({4})}, i64({4}));
    row("all of int32", {OpCode::RandomUniformInt, {}, limits(-0x1p31, 0x1p31), i32({4})}, i32({4}));
    row("shuffled rows", {OpCode::RandomShuffle, {i64({5, 2})}, {}, {}}, i64({5, 2}));
    row("orthogonal", {OpCode::Orthogonal, {f64({3, 7})}, {}, {}}, f64({3, 7}));
    row("eye", {OpCode::Eye, {}, {}, f32({3, 4})}, f32({3, 4}));
    row("range", {OpCode::Range, {}, {}, i32({7})}, i32({7}));
    row("linspace", {OpCode::LinSpace, {}, {}, f32({7})}, f32({7}));
    row("concat", {OpCode::Concat, {f32({2, 3}), f32({4, 3})}, axes({0}), {}}, f32({6, 3}));
    row("concat of one", {OpCode::Concat, {truth({2})}, axes({0}), {}}, truth({2}));
    row("concat, open batch", {OpCode::Concat, {f32({kAny, 3}), f32({kAny, 1})}, axes({1}), {}},
        f32({kAny, 4}));
    row("concat, open lengths", {OpCode::Concat, {f32({kAny, 3}), f32({2, 3})}, axes({0}), {}},
        f32({kAny, 3}));
    row("slice", {OpCode::Slice, {i32({5, 6})}, axes({1, 2}), i32({3, 4})}, i32({3, 4}));
    row("slice of nothing", {OpCode::Slice, {i32({5})}, axes({5}), i32({0})}, i32({0}));
    row("slice of the rest", {OpCode::Slice, {f32({5, 6})}, axes({1, 0}), f32({kAny, 4})}, f32({4, 4}));
    row("slice of an open batch", {OpCode::Slice, {f32({kAny, 6})}, axes({0, 2}), f32({kAny, 4})},
        f32({kAny, 4}));
    row("scatter", {OpCode::ScatterUpdate, {f32({5, 2}), i64({3}), f32({3, 2})}, {}, {}}, f32({5, 2}));
    row("scatter of one row", {OpCode::ScatterAdd, {f32({5, 2}), i32({}), f32({2})}, {}, {}}, f32({5, 2}));
    row("scatter of a table", {OpCode::ScatterMul, {i32({5}), i32({2, 3}), i32({2, 3})}, {}, {}}, i32({5}));
    row("scatter, open batch", {OpCode::ScatterSub, {f32({5, 2}), i32({kAny}), f32({kAny, 2})}, {}, {}},
        f32({5, 2}));
}

void TestSetupRules::infers()
{
    QFETCH(Asked, asked);
    QFETCH(OutputSpec, expected);
    const Result<OutputSpec> output = infer(asked);
    QVERIFY2(output.has_value(), output ? "" : output.error().message().c_str());
    QCOMPARE(described(*output), described(expected));
}

void TestSetupRules::refuses_data()
{
    QTest::addColumn<Asked>("asked");
    QTest::addColumn<QStringList>("fragments");
    const auto row = [](const char* name, const Asked& asked, std::initializer_list<const char*> fragments) {
        QStringList list;
        for (const char* const fragment : fragments)
            list.push_back(QString::fromUtf8(fragment));
        QTest::newRow(name) << asked << list;
    };
    row("random integers of no range", {OpCode::RandomUniformInt, {}, limits(3, 3), i32({2})},
        {"minval < maxval", "3 >= 3"});
    row("random integers, turned round", {OpCode::RandomUniformInt, {}, limits(3, -2), i64({2})},
        {"minval < maxval", "3 >= -2"});
    row("random integers with a fraction", {OpCode::RandomUniformInt, {}, limits(0, 2.5), i32({2})},
        {"RandomUniformInt", "whole"});
    row("random integers beyond int32", {OpCode::RandomUniformInt, {}, limits(0, 0x1p32), i32({2})},
        {"RandomUniformInt", "int32"});
    row("random integers beyond doubles", {OpCode::RandomUniformInt, {}, limits(0, 0x1p60), i64({2})},
        {"RandomUniformInt", "2^53"});
    row("random integers up to no number", {OpCode::RandomUniformInt, {}, limits(0, std::nan("")), i64({2})},
        {"RandomUniformInt", "whole"});
    row("random integers as floats", {OpCode::RandomUniformInt, {}, limits(0, 2), f32({2})},
        {"RandomUniformInt", "float32"});
    row("eye of a row", {OpCode::Eye, {}, {}, f32({3})}, {"Eye", "[3]"});
    row("orthogonal of a cube", {OpCode::Orthogonal, {f32({2, 3, 4})}, {}, {}},
        {"Orthogonal", "rank 2", "[2, 3, 4]"});
    row("orthogonal of integers", {OpCode::Orthogonal, {i32({2, 3})}, {}, {}}, {"Orthogonal", "int32"});
    row("shuffle of nothing", {OpCode::RandomShuffle, {}, {}, {}}, {"RandomShuffle", "1 inputs"});
    row("concat of another width", {OpCode::Concat, {f32({2, 3}), f32({2, 4})}, axes({0}), {}},
        {"Concat", "[4, 3]", "[4, 4]"});
    row("concat of two types", {OpCode::Concat, {f32({2}), f64({2})}, axes({0}), {}},
        {"Concat", "float32", "float64"});
    row("concat of two ranks", {OpCode::Concat, {f32({2}), f32({2, 2})}, axes({0}), {}},
        {"Concat", "[2]", "[2, 2]"});
    row("concat of scalars", {OpCode::Concat, {f32({}), f32({})}, axes({0}), {}}, {"Concat", "axis 0"});
    row("concat along no axis", {OpCode::Concat, {f32({2})}, axes({-1}), {}}, {"Concat", "axis -1"});
    constexpr std::int64_t kVast = std::int64_t{1} << 62U;
    row("concat beyond all bounds", {OpCode::Concat, {f32({kVast}), f32({kVast})}, axes({0}), {}},
        {"Concat", "too large"});
    row("slice past the end", {OpCode::Slice, {f32({5, 6})}, axes({3, 0}), f32({3, 6})},
        {"Slice", "[3, 6)", "dimension 0", "[5, 6]"});
    row("slice before the start", {OpCode::Slice, {f32({5})}, axes({-1}), f32({2})}, {"Slice", "[-1, 1)"});
    row("slice of the rest past the end", {OpCode::Slice, {f32({5})}, axes({6}), f32({kAny})},
        {"Slice", "dimension 0", "[5]"});
    row("slice of another rank", {OpCode::Slice, {f32({5, 6})}, axes({0}), f32({5})},
        {"Slice", "rank 1", "[5, 6]"});
    row("scatter by floats", {OpCode::ScatterAdd, {f32({5}), f32({2}), f32({2})}, {}, {}},
        {"ScatterAdd", "int32 or int64", "float32"});
    row("scatter of another type", {OpCode::ScatterUpdate, {f32({5}), i32({2}), f64({2})}, {}, {}},
        {"ScatterUpdate", "float32", "float64"});
    row("scatter into a scalar", {OpCode::ScatterSub, {f32({}), i32({}), f32({})}, {}, {}},
        {"ScatterSub", "scalar"});
    row("scatter of narrow rows", {OpCode::ScatterDiv, {f32({5, 3}), i32({2}), f32({2, 2})}, {}, {}},
        {"updates.shape [2, 2]", "indices.shape [2]", "params.shape [5, 3]"});
}

void TestSetupRules::refuses()
{
    QFETCH(Asked, asked);
    QFETCH(QStringList, fragments);
    const Result<OutputSpec> output = infer(asked);
    QVERIFY(!output.has_value());
    QCOMPARE(output.error().code(), StatusCode::InvalidArgument);
    const QString message = QString::fromStdString(output.error().message());
    for (const QString& fragment : fragments)
        QVERIFY2(message.contains(fragment), qPrintable(message));
}

QTEST_GUILESS_MAIN(TestSetupRules)
#include "tst_setup_rules.moc"
