// SPDX-License-Identifier: GPL-3.0-or-later
// Tensors of a checkpoint as a list and as a tree, and the filter language for them.
#include "app/models/tensor_filter.h"
#include "app/models/tensor_list_model.h"
#include "app/models/tensor_template_model.h"
#include "app/models/tensor_tree_model.h"
#include "tests/app/checkpoint_fixture.h"

#include <QAbstractItemModelTester>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

using namespace wr;
using namespace wr::app;

class TestTensorList : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void filters_data();
    void filters();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void findsNamesInOnePass();
    void sorts();
    void growsATree();
    void opensTheWayToEveryTensor();
    void collapsesToTemplates();
    void showsNothing();

private:
    QStringList names(const QVector<int>& tensors) const;
    QVector<int> all() const;
    QTemporaryDir m_folder;
    std::shared_ptr<const CheckpointFile> m_file;
};

void TestTensorList::initTestCase()
{
    const auto filled = [](std::int64_t rows, std::int64_t columns, float value) {
        return Tensor::of(std::vector<float>(static_cast<std::size_t>(rows * columns), value),
                          {rows, columns});
    };
    Tensor odd = filled(2, 3, 1.0F);
    odd.data<float>()[4] = std::nanf("");
    Tensor sparse = filled(10, 10, 0.0F);
    sparse.data<float>()[7] = -8.0F;
    std::vector<NamedTensor> tensors;
    tensors.push_back({"global_step", Tensor::of(std::vector<std::int64_t>{7}, {})});
    tensors.push_back({"encoder.layer.0.attn.weight", filled(4, 4, 0.5F)});
    tensors.push_back({"encoder.layer.0.attn.bias", Tensor::of(std::vector<float>(4, 2.0F), {4})});
    tensors.push_back({"encoder.layer.1.attn.weight", filled(4, 8, -0.5F)});
    tensors.push_back({"encoder.layer.1.attn.bias", Tensor::of(std::vector<float>(4, 3.0F), {4})});
    tensors.push_back({"encoder.layer.10.attn.weight", odd});
    tensors.push_back({"head/Dense:0", sparse});
    tensors.push_back({"head", Tensor::of(std::vector<float>{1.0F}, {1})});
    const QString path = m_folder.filePath(QStringLiteral("a.wrck"));
    QCOMPARE(writeCheckpoint(path, tensors), QString());
    const CheckpointFile::Opened opened = CheckpointFile::open(path);
    QVERIFY2(opened.file, qPrintable(opened.problem.toText()));
    m_file = opened.file;
    QCOMPARE(m_file->tensorCount(), 8);
}

QVector<int> TestTensorList::all() const
{
    return TensorFilter().apply(*m_file, [] { return true; });
}

QStringList TestTensorList::names(const QVector<int>& tensors) const
{
    QStringList names;
    for (const int tensor : tensors)
        names += m_file->columns().name(tensor);
    return names;
}

void TestTensorList::filters_data()
{
    QTest::addColumn<int>("count");
    QTest::addColumn<QString>("first");
    const auto row = [](const char* text, int count, const char* first) {
        QTest::newRow(text) << count << QString::fromUtf8(first);
    };
    row("", 8, "encoder.layer.0.attn.bias");
    row("ATTN.w", 3, "encoder.layer.0.attn.weight");
    row("layer.1", 3, "encoder.layer.1.attn.bias");
    row("name:head", 2, "head");
    row("Dense:0", 1, "head/Dense:0");
    row("\"layer.1.\"", 2, "encoder.layer.1.attn.bias");
    row("re:layer\\.\\d{2}", 1, "encoder.layer.10.attn.weight");
    row("shape:[4,*]", 2, "encoder.layer.0.attn.weight");
    row("shape:scalar", 1, "global_step");
    row("ndim=1", 3, "encoder.layer.0.attn.bias");
    row("bytes>=128", 2, "encoder.layer.1.attn.weight");
    row("params>31 and not head", 1, "encoder.layer.1.attn.weight");
    row("dtype:i64", 1, "global_step");
    row("scope:encoder.layer.1", 2, "encoder.layer.1.attn.bias");
    row("scope:head", 1, "head/Dense:0");
    row("nan>0", 1, "encoder.layer.10.attn.weight");
    row("is:nonfinite or global", 2, "encoder.layer.10.attn.weight");
    row("zero>0.5", 1, "head/Dense:0");
    row("mean<0", 2, "encoder.layer.1.attn.weight");
    row("mean>-1 mean<-0.2", 1, "encoder.layer.1.attn.weight");
    row("absmax=8", 1, "head/Dense:0");
    row("layer.1 bias", 1, "encoder.layer.1.attn.bias");
    row("nothing", 0, "");
    row("(bias or Dense) not layer.0", 2, "encoder.layer.1.attn.bias");
}

void TestTensorList::filters()
{
    QFETCH(int, count);
    QFETCH(QString, first);
    const TensorFilter filter(QString::fromUtf8(QTest::currentDataTag()));
    QVERIFY2(filter.problem().message.isEmpty(), qPrintable(filter.problem().message));
    const QStringList found = names(filter.apply(*m_file, [] { return true; }));
    QCOMPARE(found.value(0), first);
    QCOMPARE(found.size(), count);
}

void TestTensorList::saysWhatIsWrong_data()
{
    QTest::addColumn<int>("begin");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* text, int begin, const char* message) {
        QTest::newRow(text) << begin << QString::fromUtf8(message);
    };
    row("size:big", 0, "“size” is no key");
    row("attn shape:[x]", 5, "is no shape");
    row("nan>much", 0, "“much” is no number");
    row("is:odd", 0, "nonfinite is");
    row("re:", 0, "needs a value");
    row("(attn", 0, "not closed");
}

void TestTensorList::saysWhatIsWrong()
{
    QFETCH(int, begin);
    QFETCH(QString, message);
    const TensorFilter filter(QString::fromUtf8(QTest::currentDataTag()));
    QVERIFY2(filter.problem().message.contains(message), qPrintable(filter.problem().message));
    QCOMPARE(filter.problem().begin, begin);
    QVERIFY(!filter.apply(*m_file, [] { return true; }).isEmpty()); // nothing is hidden by a mistake
}

/// A text that begins in one name and ends in the next is in neither.
void TestTensorList::findsNamesInOnePass()
{
    for (const char* text :
         {"e", "er", "head", "biasencoder", "0", "weight", "headhead", "stephead", "ght"}) {
        QVector<int> expected;
        for (int tensor = 0; tensor < m_file->tensorCount(); ++tensor)
            if (m_file->columns().nameContains(tensor, text))
                expected += tensor;
        QCOMPARE(m_file->columns().whoseNameContains(text), expected);
    }
    for (int tensor = 0; tensor < m_file->tensorCount(); ++tensor)
        QCOMPARE(m_file->columns().find(m_file->columns().name(tensor)), tensor);
    QCOMPARE(m_file->columns().find(QStringLiteral("hea")), -1);
}

void TestTensorList::sorts()
{
    QVector<int> tensors = all();
    TensorListModel::sort(*m_file, tensors, TensorListModel::NameColumn, Qt::DescendingOrder);
    QCOMPARE(names(tensors).first(), QStringLiteral("head/Dense:0"));
    TensorListModel::sort(*m_file, tensors, TensorListModel::BytesColumn, Qt::DescendingOrder);
    QCOMPARE(names(tensors).first(), QStringLiteral("head/Dense:0"));
    TensorListModel::sort(*m_file, tensors, TensorListModel::MeanColumn, Qt::AscendingOrder);
    QCOMPARE(names(tensors).first(), QStringLiteral("encoder.layer.1.attn.weight"));
    QCOMPARE(names(tensors).last(), QStringLiteral("global_step")); // no statistics
    TensorListModel::sort(*m_file, tensors, TensorListModel::MeanColumn, Qt::DescendingOrder);
    QCOMPARE(names(tensors).first(), QStringLiteral("encoder.layer.1.attn.bias"));
    QCOMPARE(names(tensors).last(), QStringLiteral("global_step"));
    TensorListModel::sort(*m_file, tensors, -1, Qt::AscendingOrder);
    QCOMPARE(tensors, all());

    TensorListModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show(m_file, tensors);
    QCOMPARE(model.rowCount(), 8);
    QCOMPARE(model.tensorIndex(3), 3);
    QCOMPARE(model.tensorIndex(99), -1);
    QCOMPARE(model.rowOf(5), 5);
    QCOMPARE(model.index(0, TensorListModel::NameColumn).data().toString(),
             QStringLiteral("encoder.layer.0.attn.bias"));
    QVERIFY(!model.index(0, TensorListModel::MeanColumn).data().toString().isEmpty());
    QVERIFY(model.index(4, 0).data(Qt::ToolTipRole).toString().contains(QLatin1String("NaN")));
}

void TestTensorList::growsATree()
{
    TensorTreeModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show(m_file, all());
    const auto text = [](const QModelIndex& index) { return index.data().toString(); };
    QCOMPARE(model.rowCount(), 4);
    const QModelIndex encoder = model.index(0, 0);
    QCOMPARE(text(encoder), QStringLiteral("encoder.layer.")); // nothing else is in "encoder."
    QCOMPARE(model.tensorsIn(encoder), 5);
    QCOMPARE(text(encoder.siblingAtColumn(TensorListModel::ShapeColumn)), QStringLiteral("5 tensors"));
    QCOMPARE(text(encoder.siblingAtColumn(TensorListModel::BytesColumn)), QStringLiteral("248 B"));
    QCOMPARE(model.tensorIndex(encoder), -1);
    QCOMPARE(model.rowCount(encoder), 3);
    const QModelIndex second = model.index(1, 0, encoder);
    QCOMPARE(text(second), QStringLiteral("1.attn."));
    QCOMPARE(model.rowCount(second), 2);
    QCOMPARE(text(model.index(1, 0, second)), QStringLiteral("weight"));
    QCOMPARE(model.index(1, 0, second).data(Qt::ToolTipRole).toString(),
             QStringLiteral("encoder.layer.1.attn.weight"));
    QCOMPARE(text(model.index(2, 0, encoder)), QStringLiteral("10.attn.weight")); // alone in its scope
    QVERIFY(!model.hasChildren(model.index(2, 0, encoder)));
    QCOMPARE(text(model.index(1, 0)), QStringLiteral("global_step"));
    QCOMPARE(text(model.index(2, 0)), QStringLiteral("head")); // a tensor, and a scope of the same name
    QCOMPARE(text(model.index(3, 0)), QStringLiteral("head/Dense:0"));
}

void TestTensorList::opensTheWayToEveryTensor()
{
    TensorTreeModel model;
    model.show(m_file, all());
    for (const int tensor : all()) {
        const QModelIndex found = model.indexOf(tensor);
        QCOMPARE(model.tensorIndex(found), tensor);
        QString name;
        for (QModelIndex up = found; up.isValid(); up = up.parent())
            name.prepend(up.data().toString());
        QCOMPARE(name, m_file->columns().name(tensor));
    }
    model.show(m_file, {1, 3});
    QVERIFY(!model.indexOf(2).isValid());
    QCOMPARE(model.tensorIndex(model.indexOf(3)), 3);
}

void TestTensorList::collapsesToTemplates()
{
    TensorTemplateModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show(m_file, TensorTemplates::of(*m_file, all()));
    QCOMPARE(model.rowCount(), 5);
    const auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
    QCOMPARE(text(0, 0), QStringLiteral("encoder.layer.{i}.attn.bias  ×2"));
    QCOMPARE(text(0, TensorListModel::ShapeColumn), QStringLiteral("4"));
    QCOMPARE(text(1, 0), QStringLiteral("encoder.layer.{i}.attn.weight  ×3"));
    QCOMPARE(text(1, TensorListModel::ShapeColumn), QStringLiteral("several"));
    QVERIFY(
        model.index(1, 0).data(Qt::ToolTipRole).toString().contains(QStringLiteral("i = 0–10 (3 of them)")));
    QCOMPARE(text(2, 0), QStringLiteral("global_step"));
    QCOMPARE(model.rowCount(model.index(1, 0)), 3);
    QCOMPARE(model.rowCount(model.index(2, 0)), 0);
    QCOMPARE(model.index(2, 0, model.index(1, 0)).data().toString(),
             QStringLiteral("encoder.layer.10.attn.weight"));
    for (const int tensor : all())
        QCOMPARE(model.tensorIndex(model.indexOf(tensor)), tensor);
    QCOMPARE(model.tensorIndex(model.index(0, 0)), -1);
    model.show(nullptr, {});
    QCOMPARE(model.rowCount(), 0);
}

void TestTensorList::showsNothing()
{
    TensorTreeModel tree;
    QCOMPARE(tree.rowCount(), 0);
    tree.show(nullptr, {});
    QVERIFY(!tree.indexOf(0).isValid());
    TensorListModel list;
    list.show(nullptr, {});
    QCOMPARE(list.rowCount(), 0);
}

QTEST_GUILESS_MAIN(TestTensorList)
#include "tst_tensor_list.moc"
