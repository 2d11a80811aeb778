// SPDX-License-Identifier: GPL-3.0-or-later
// The icons are in the program, can be drawn, and have no colour of their own, so that the window may give
// them one.
#include <QDir>
#include <QFile>
#include <QImage>
#include <QPainter>
#include <QRegularExpression>
#include <QSvgRenderer>
#include <QTest>

namespace {

const QString kApplicationIcon = QStringLiteral("weightroom.svg");

QStringList icons()
{
    return QDir(QStringLiteral(":/icons")).entryList(QDir::Files, QDir::Name);
}

} // namespace

class TestIcons : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void listIsWhole();
    void icon_data();
    void icon();
    void applicationIcon();
};

void TestIcons::initTestCase()
{
    Q_INIT_RESOURCE(icons);
}

void TestIcons::listIsWhole()
{
    const QDir folder(QStringLiteral(WEIGHTROOM_SOURCE_DIR "/resources/icons"));
    QCOMPARE(icons(), folder.entryList(QDir::Files, QDir::Name));
    QVERIFY(icons().contains(kApplicationIcon));
}

void TestIcons::icon_data()
{
    QTest::addColumn<QString>("name");
    for (const QString& name : icons()) {
        if (name != kApplicationIcon) {
            QTest::newRow(qPrintable(name)) << name;
        }
    }
}

void TestIcons::icon()
{
    QFETCH(QString, name);
    QFile file(QStringLiteral(":/icons/") + name);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray text = file.readAll();

    // "#000" and "none" are the only paints: replacing the one recolours the whole.
    static const QRegularExpression paint(QStringLiteral("(?:fill|stroke|color)=\"([^\"]*)\""));
    auto paints = paint.globalMatch(QString::fromUtf8(text));
    QVERIFY(paints.hasNext());
    while (paints.hasNext()) {
        const QString colour = paints.next().captured(1);
        QVERIFY2(colour == QStringLiteral("#000") || colour == QStringLiteral("none"), qPrintable(colour));
    }

    QSvgRenderer renderer(text);
    QVERIFY(renderer.isValid());
    QCOMPARE(renderer.defaultSize(), QSize(24, 24));
    QImage image(24, 24, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    renderer.render(&painter);
    painter.end();
    int inked = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            inked += qAlpha(image.pixel(x, y)) > 64 ? 1 : 0;
        }
    }
    QVERIFY2(inked > 15 && inked < 400, qPrintable(QString::number(inked)));
}

void TestIcons::applicationIcon()
{
    QSvgRenderer renderer(QStringLiteral(":/icons/") + kApplicationIcon);
    QVERIFY(renderer.isValid());
    QCOMPARE(renderer.defaultSize(), QSize(256, 256));
}

QTEST_GUILESS_MAIN(TestIcons)
#include "tst_icons.moc"
