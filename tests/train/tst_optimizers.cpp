// SPDX-License-Identifier: GPL-3.0-or-later
// Each optimizer beside the same algorithm written out in double precision: twenty steps on a small problem
// whose gradient is known, the variable and every slot.
#include "tests/session/session_fixture.h"

#include <QTest>
#include <cmath>
#include <functional>
#include <map>

using namespace wr;
using session::SessionFixture;

namespace {

using Values = std::map<std::string, std::vector<double>>;

constexpr std::size_t kSize = 3;
const double kStart[kSize] = {1.0, -2.0, 0.5};
const double kTarget[kSize] = {0.25, 1.5, -3.0};
const double kWeight[kSize] = {1.0, 0.1, 2.0};

/// Minimises the sum of weight · (w − target)².
std::string problem(const QString& optimizer, const char* type)
{
    const std::string dtype = std::string("tf.") + type;
    return "w = tf.Variable(tf.constant([1.0, -2.0, 0.5], " + dtype +
           "))\n"
           "loss = tf.reduce_sum(tf.constant([1.0, 0.1, 2.0], " +
           dtype + ") * tf.square(w - tf.constant([0.25, 1.5, -3.0], " + dtype +
           ")))\n"
           "train = " +
           optimizer.toStdString() + ".minimize(loss)\n";
}

/// One element of a problem as the reference sees it: its values by the name of the variable.
struct Element {
    std::map<std::string, double> values;
    double gradient = 0.0;
    int step = 0; ///< from 1
    double& operator[](const std::string& name) { return values[name]; }
};
using Step = std::function<void(Element&)>;

struct Algorithm {
    const char* name;
    QString text;
    std::map<std::string, double> start; ///< of its slots
    Step step;
};

Step momentum(bool looksAhead)
{
    return [looksAhead](Element& e) {
        double& accum = e["w/Momentum"];
        accum = 0.9 * accum + e.gradient;
        e["w"] -= looksAhead ? 0.05 * (e.gradient + 0.9 * accum) : 0.05 * accum;
    };
}

Step adam(const std::string& slot, double decay)
{
    return [slot, decay](Element& e) {
        double& m = e["w/" + slot];
        double& v = e["w/" + slot + "_1"];
        m = 0.8 * m + 0.2 * e.gradient;
        v = 0.95 * v + 0.05 * e.gradient * e.gradient;
        const double rate = 0.1 * std::sqrt(1 - std::pow(0.95, e.step)) / (1 - std::pow(0.8, e.step));
        e["w"] = e["w"] * (1 - decay) - rate * m / (std::sqrt(v) + 1e-3);
    };
}

Step ftrl(double power, double l1, double l2, double shrinkage)
{
    return [=](Element& e) {
        double& n = e["w/Ftrl"];
        double& z = e["w/Ftrl_1"];
        const double grown = n + e.gradient * e.gradient;
        const double sigma = (std::pow(grown, -power) - std::pow(n, -power)) / 0.5;
        z += e.gradient + 2 * shrinkage * e["w"] - sigma * e["w"];
        const double quadratic = std::pow(grown, -power) / 0.5 + 2 * l2;
        e["w"] = std::abs(z) <= l1 ? 0.0 : -(z - std::copysign(l1, z)) / quadratic;
        n = grown;
    };
}

const std::vector<Algorithm>& algorithms()
{
    static const std::vector<Algorithm> kAll{
        {"gradient descent",
         QStringLiteral("tf.train.GradientDescentOptimizer(0.05)"),
         {},
         [](Element& e) { e["w"] -= 0.05 * e.gradient; }},
        {"momentum",
         QStringLiteral("tf.train.MomentumOptimizer(0.05, 0.9)"),
         {{"w/Momentum", 0.0}},
         momentum(false)},
        {"Nesterov's momentum",
         QStringLiteral("tf.train.MomentumOptimizer(learning_rate=0.05, momentum=0.9, use_nesterov=True)"),
         {{"w/Momentum", 0.0}},
         momentum(true)},
        {"Adagrad",
         QStringLiteral("tf.train.AdagradOptimizer(0.5, initial_accumulator_value=0.2)"),
         {{"w/Adagrad", 0.2}},
         [](Element& e) {
             double& accum = e["w/Adagrad"];
             accum += e.gradient * e.gradient;
             e["w"] -= 0.5 * e.gradient / std::sqrt(accum);
         }},
        {"Adadelta",
         QStringLiteral("tf.train.AdadeltaOptimizer(learning_rate=2.0, rho=0.9, epsilon=0.01)"),
         {{"w/Adadelta", 0.0}, {"w/Adadelta_1", 0.0}},
         [](Element& e) {
             double& accum = e["w/Adadelta"];
             double& updates = e["w/Adadelta_1"];
             accum = 0.9 * accum + 0.1 * e.gradient * e.gradient;
             const double change = std::sqrt((updates + 0.01) / (accum + 0.01)) * e.gradient;
             updates = 0.9 * updates + 0.1 * change * change;
             e["w"] -= 2.0 * change;
         }},
        {"RMSProp",
         QStringLiteral("tf.train.RMSPropOptimizer(0.05, decay=0.8, momentum=0.5, epsilon=0.01)"),
         {{"w/RMSProp", 1.0}, {"w/RMSProp_1", 0.0}},
         [](Element& e) {
             double& square = e["w/RMSProp"];
             double& moment = e["w/RMSProp_1"];
             square = 0.8 * square + 0.2 * e.gradient * e.gradient;
             moment = 0.5 * moment + 0.05 * e.gradient / std::sqrt(square + 0.01);
             e["w"] -= moment;
         }},
        {"centered RMSProp",
         QStringLiteral("tf.train.RMSPropOptimizer(0.05, 0.8, 0.5, 0.01, centered=True)"),
         {{"w/RMSProp", 1.0}, {"w/RMSProp_1", 0.0}, {"w/RMSProp_2", 0.0}},
         [](Element& e) {
             double& square = e["w/RMSProp"];
             double& mean = e["w/RMSProp_1"];
             double& moment = e["w/RMSProp_2"];
             square = 0.8 * square + 0.2 * e.gradient * e.gradient;
             mean = 0.8 * mean + 0.2 * e.gradient;
             moment = 0.5 * moment + 0.05 * e.gradient / std::sqrt(square - mean * mean + 0.01);
             e["w"] -= moment;
         }},
        {"Ftrl",
         QStringLiteral("tf.train.FtrlOptimizer(0.5)"),
         {{"w/Ftrl", 0.1}, {"w/Ftrl_1", 0.0}},
         ftrl(-0.5, 0.0, 0.0, 0.0)},
        {"Ftrl with all arguments",
         QStringLiteral(
             "tf.train.FtrlOptimizer(0.5, -0.3, 0.2, 0.4, 0.05, False, \"Ftrl\", None, None, 0.02)"),
         {{"w/Ftrl", 0.2}, {"w/Ftrl_1", 0.0}},
         ftrl(-0.3, 0.4, 0.05, 0.02)},
        {"Adam",
         QStringLiteral("tf.train.AdamOptimizer(0.1, 0.8, 0.95, 1e-3)"),
         {{"w/Adam", 0.0}, {"w/Adam_1", 0.0}},
         adam("Adam", 0.0)},
        {"AdamW",
         QStringLiteral("tf.contrib.opt.AdamWOptimizer(0.01, 0.1, beta1=0.8, beta2=0.95, epsilon=1e-3)"),
         {{"w/AdamW", 0.0}, {"w/AdamW_1", 0.0}},
         adam("AdamW", 0.01)}};
    return kAll;
}

void takeSteps(SessionFixture& f, int count, std::size_t trainOp = 0)
{
    session::Session& session = *f.session;
    const Result<session::PlanId> plan = session.plan({}, session.model().trainOps[trainOp].updates, {}, {});
    QVERIFY2(plan, plan ? "" : plan.error().toString().c_str());
    for (int i = 0; i < count; ++i) {
        const Status status = session.run(*plan);
        QVERIFY2(status.isOk(), status.toString().c_str());
    }
}

std::vector<double> doubles(const SessionFixture& f, const std::string& name)
{
    const Result<Tensor> value = f.session->value(name);
    if (!value)
        qFatal("%s", value.error().toString().c_str());
    std::vector<double> values;
    for (std::int64_t i = 0; i < value->elementCount(); ++i)
        values.push_back(value->valueAt(i));
    return values;
}

} // namespace

class TestOptimizers : public QObject {
    Q_OBJECT
private slots:
    void followsTheAlgorithm_data();
    void followsTheAlgorithm();
    void startsWithDefaults_data();
    void startsWithDefaults();
    void sharesItsSlots();
    void scalesTheRate();
    void sparesVariablesFromDecay();
    void centeredVarianceNeverGoesBelowZero();
    void ftrlStandsStillWithoutARate();
};

void TestOptimizers::followsTheAlgorithm_data()
{
    QTest::addColumn<int>("index");
    QTest::addColumn<bool>("isDouble");
    for (std::size_t i = 0; i < algorithms().size(); ++i) {
        QTest::addRow("%s float64", algorithms()[i].name) << static_cast<int>(i) << true;
        QTest::addRow("%s float32", algorithms()[i].name) << static_cast<int>(i) << false;
    }
}

void TestOptimizers::followsTheAlgorithm()
{
    QFETCH(int, index);
    QFETCH(bool, isDouble);
    const Algorithm& algorithm = algorithms()[static_cast<std::size_t>(index)];
    SessionFixture f(problem(algorithm.text, isDouble ? "float64" : "float32"));
    QVERIFY(f.session->initializeAll().isOk());
    Values expected;
    for (std::size_t i = 0; i < kSize; ++i) {
        Element e;
        e.values = algorithm.start;
        for (const auto& [name, start] : algorithm.start)
            QCOMPARE(doubles(f, name)[i], isDouble ? start : static_cast<double>(static_cast<float>(start)));
        e["w"] = kStart[i];
        for (e.step = 1; e.step <= 20; ++e.step) {
            e.gradient = 2.0 * kWeight[i] * (e["w"] - kTarget[i]);
            algorithm.step(e);
        }
        for (const auto& [name, value] : e.values)
            expected[name].push_back(value);
    }
    takeSteps(f, 20);
    const double precision = isDouble ? 1e-12 : 2e-4;
    for (const auto& [name, values] : expected) {
        const std::vector<double> found = doubles(f, name);
        for (std::size_t i = 0; i < kSize; ++i)
            QVERIFY2(std::abs(found[i] - values[i]) <= precision * (1.0 + std::abs(values[i])),
                     qPrintable(QStringLiteral("%1[%2] is %3, not %4")
                                    .arg(QString::fromStdString(name))
                                    .arg(i)
                                    .arg(found[i], 0, 'g', 17)
                                    .arg(values[i], 0, 'g', 17)));
    }
    if (algorithm.start.count("w/Adam") != 0)
        QVERIFY(std::abs(doubles(f, "beta1_power")[0] - std::pow(0.8, 21)) < 1e-6);
}

void TestOptimizers::startsWithDefaults_data()
{
    QTest::addColumn<QString>("shortly");
    QTest::addColumn<QString>("wholly");
    const auto row = [](const char* name, const char* shortly, const char* wholly) {
        QTest::newRow(name) << QStringLiteral("tf.") + QString::fromUtf8(shortly)
                            << QStringLiteral("tf.") + QString::fromUtf8(wholly);
    };
    row("Adagrad", "train.AdagradOptimizer(0.1)",
        "train.AdagradOptimizer(learning_rate=0.1, initial_accumulator_value=0.1, use_locking=False, "
        "name=\"Adagrad\")");
    row("Adadelta", "train.AdadeltaOptimizer()",
        "train.AdadeltaOptimizer(0.001, 0.95, 1e-8, False, \"Adadelta\")");
    row("RMSProp", "train.RMSPropOptimizer(0.1)",
        "train.RMSPropOptimizer(0.1, 0.9, 0.0, 1e-10, False, False, \"RMSProp\")");
    row("Ftrl", "train.FtrlOptimizer(0.1)",
        "train.FtrlOptimizer(0.1, -0.5, 0.1, 0.0, 0.0, False, \"Ftrl\", None, None, 0.0)");
    row("Adam", "train.AdamOptimizer()", "train.AdamOptimizer(0.001, 0.9, 0.999, 1e-8, False, \"Adam\")");
    row("AdamW", "contrib.opt.AdamWOptimizer(0.1)",
        "contrib.opt.AdamWOptimizer(0.1, 0.001, 0.9, 0.999, 1e-8, False, \"AdamW\")");
    row("momentum", "train.MomentumOptimizer(0.1, 0.5)",
        "train.MomentumOptimizer(0.1, 0.5, False, \"Momentum\", False)");
}

void TestOptimizers::startsWithDefaults()
{
    QFETCH(QString, shortly);
    QFETCH(QString, wholly);
    SessionFixture a(problem(shortly, "float32"));
    SessionFixture b(problem(wholly, "float32"));
    for (SessionFixture* const f : {&a, &b}) {
        QVERIFY(f->session->initializeAll().isOk());
        takeSteps(*f, 3);
    }
    const auto values = a.session->snapshot().value();
    QCOMPARE(values.size(), b.session->model().variables.size());
    for (const NamedTensor& value : values)
        QCOMPARE(doubles(a, value.name), doubles(b, value.name));
    QVERIFY(a.values("w")[0] != 1.0F);
}

/// As in TensorFlow, one optimizer has one set of slots, whatever it minimises.
void TestOptimizers::sharesItsSlots()
{
    SessionFixture f("w = tf.Variable(1.0)\nv = tf.Variable(2.0)\nopt = tf.train.AdamOptimizer(0.1)\n"
                     "one = opt.minimize(tf.square(w), var_list=[w])\n"
                     "two = opt.minimize(tf.square(w * v))\n");
    QStringList names;
    for (const graph::Variable& variable : f.session->model().variables) {
        if (!variable.slotOf.empty())
            names.push_back(QString::fromStdString(variable.name));
    }
    QCOMPARE(names, (QStringList{QStringLiteral("beta1_power"), QStringLiteral("beta2_power"),
                                 QStringLiteral("w/Adam"), QStringLiteral("w/Adam_1"),
                                 QStringLiteral("v/Adam"), QStringLiteral("v/Adam_1")}));
    QVERIFY(f.session->initializeAll().isOk());
    takeSteps(f, 1, 0);
    takeSteps(f, 1, 1);
    QVERIFY(std::abs(f.values("beta1_power")[0] - 0.9F * 0.9F * 0.9F) < 1e-6F);
}

void TestOptimizers::scalesTheRate()
{
    SessionFixture f(
        "a = tf.Variable(1.0, name=\"conv1/kernel\")\nb = tf.Variable(1.0, name=\"conv1/bias\")\n"
        "c = tf.Variable(1.0, name=\"out/kernel\")\nloss = a + b + c\n"
        "opt = wr.rate_factors(tf.train.GradientDescentOptimizer(0.5), "
        "{\"conv*/kernel\": 0.5, \"conv*\": 0.0})\n"
        "train = opt.minimize(loss)\n");
    QVERIFY(f.session->initializeAll().isOk());
    takeSteps(f, 1);
    QCOMPARE(f.values("conv1/kernel")[0], 0.75F);
    QCOMPARE(f.values("conv1/bias")[0], 1.0F);
    QCOMPARE(f.values("out/kernel")[0], 0.5F);
}

void TestOptimizers::sparesVariablesFromDecay()
{
    SessionFixture f("w = tf.Variable(1.0)\nb = tf.Variable(1.0)\nloss = 0.0 * (w + b)\n"
                     "train = tf.contrib.opt.AdamWOptimizer(0.25).minimize(loss, decay_var_list=[w])\n");
    QVERIFY(f.session->initializeAll().isOk());
    takeSteps(f, 2);
    QCOMPARE(f.values("w")[0], 0.5625F);
    QCOMPARE(f.values("b")[0], 1.0F);
}

/// A gradient that stays the same makes the square's mean and the mean's square equal but for their
/// roundings.
void TestOptimizers::centeredVarianceNeverGoesBelowZero()
{
    SessionFixture f("w = tf.Variable([0.0, 0.0, 0.0, 0.0])\n"
                     "loss = tf.reduce_sum(w * [0.1, 1.7, 33.3, 1234.5])\n"
                     "train = tf.train.RMSPropOptimizer(1e-6, 0.5, centered=True).minimize(loss)\n");
    QVERIFY(f.session->initializeAll().isOk());
    takeSteps(f, 400);
    for (const float value : f.values("w"))
        QVERIFY(std::isfinite(value) && value < 0.0F);
}

void TestOptimizers::ftrlStandsStillWithoutARate()
{
    SessionFixture f(problem(QStringLiteral("tf.train.FtrlOptimizer(0.0)"), "float32"));
    QVERIFY(f.session->initializeAll().isOk());
    takeSteps(f, 2);
    QCOMPARE(f.values("w"), (std::vector<float>{1.0F, -2.0F, 0.5F}));
}

QTEST_GUILESS_MAIN(TestOptimizers)
#include "tst_optimizers.moc"
