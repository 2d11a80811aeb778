// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures: what PNG and JPEG files become, smaller and larger, damage of every kind.
#include "engine/train/picture.h"
#include "tests/train/picture_bytes.h"
#include "tests/train/written_files.h"

#include <QTest>

#include <cmath>

using namespace wr;
using namespace wr::train;

class TestPicture : public QObject {
    Q_OBJECT
private slots:
    void decodesPng_data();
    void decodesPng();
    void decodesJpeg();
    void refuses_data();
    void refuses();
    void everyTruncation();
    void everyByteFlipped();
    void resizes_data();
    void resizes();
    void keepsTheMean_data();
    void keepsTheMean();
};

namespace {

Result<Tensor> decoded(const QByteArray& bytes, PictureSize wanted = {1000, 1000})
{
    return decodePicture(std::as_bytes(std::span(bytes.constData(), static_cast<std::size_t>(bytes.size()))),
                         "p", wanted);
}

Tensor pictureOf(std::int64_t height, std::int64_t width, const std::vector<std::uint8_t>& greys)
{
    Tensor picture = *Tensor::create(DType::UInt8, Shape{height, width, 3});
    for (std::size_t i = 0; i < greys.size() * 3; ++i)
        picture.data<std::uint8_t>()[i] = greys[i / 3];
    return picture;
}

QString resized(const Tensor& picture, PictureSize size, std::int64_t channels)
{
    std::vector<std::uint8_t> into(static_cast<std::size_t>(size.height * size.width * channels));
    if (!resizePicture(picture, size, channels, into).isOk())
        return QStringLiteral("failed");
    QStringList all;
    for (const std::uint8_t value : into)
        all.push_back(QString::number(value));
    return all.join(QLatin1Char(' '));
}

} // namespace

void TestPicture::decodesPng_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    QTest::newRow("RGB") << pngOf(2, 1, QByteArray("\1\2\3\4\5\6", 6)) << "1 2 3 4 5 6";
    QTest::newRow("grey") << pngOf(1, 2, QByteArray("\7\x80", 2), PNG_FORMAT_GRAY) << "7 7 7 128 128 128";
    QTest::newRow("transparent is white")
        << pngOf(2, 1, QByteArray("\1\2\3\0\4\5\6\xFF", 8), PNG_FORMAT_RGBA) << "255 255 255 4 5 6";
}

void TestPicture::decodesPng()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, expected);
    const Result<Tensor> picture = decoded(bytes);
    QVERIFY2(picture, picture ? "" : picture.error().toString().c_str());
    QCOMPARE(valuesOf(*picture), expected);
}

/// Nearly the colours that were written; smaller only where all that is wanted is smaller.
void TestPicture::decodesJpeg()
{
    const QByteArray bytes = jpegOf(64, 40, plainPixels(64, 40, 200, 100, 50));
    for (const auto& [wanted, expected] : {std::pair<PictureSize, Shape>({40, 64}, {40, 64, 3}),
                                           std::pair<PictureSize, Shape>({20, 32}, {20, 32, 3}),
                                           std::pair<PictureSize, Shape>({21, 5}, {40, 64, 3}),
                                           std::pair<PictureSize, Shape>({1, 1}, {5, 8, 3}),
                                           std::pair<PictureSize, Shape>({100, 100}, {40, 64, 3})}) {
        const Result<Tensor> picture = decoded(bytes, wanted);
        QVERIFY2(picture, picture ? "" : picture.error().toString().c_str());
        QCOMPARE(picture->shape(), expected);
        for (std::int64_t i = 0; i < picture->elementCount(); ++i)
            QVERIFY(std::abs(picture->valueAt(i) - (i % 3 == 0 ? 200 : i % 3 == 1 ? 100 : 50)) <= 3);
    }
}

void TestPicture::refuses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const QByteArray& bytes, const char* message) {
        QTest::newRow(name) << bytes << QString::fromUtf8(message);
    };
    row("empty", "", "p: it is neither a PNG nor a JPEG picture; it is empty");
    row("GIF", "GIF89a and so on", "it is a GIF");
    row("WebP", QByteArray("RIFF\0\0\0\0WEBPVP8 ", 16), "it is a WebP");
    row("BMP", "BM and so on", "it looks like a BMP");
    row("HEIF",
        QByteArray("\0\0\0\x18"
                   "ftypheic",
                   12),
        "it looks like a HEIF");
    row("pointer", "version https://git-lfs.github.com", "git-lfs pointer");
    row("text", "cat", "it begins with other bytes");
    row("PNG signature", "\x89PNG\r\n\x1A\n", "p: the PNG picture is damaged");
    row("JPEG signature", "\xFF\xD8\xFF\xE0", "p: the picture is damaged: it declares no pixels");
    row("CMYK", jpegOf(2, 2, QByteArray(16, 'x'), TJPF_CMYK), "p: its colours are mixed for print (CMYK)");
    // A PNG header that declares 20000 × 20000 pixels, with its checksum.
    QByteArray large = pngOf(1, 1, QByteArray("\1\2\3", 3)).left(16);
    QByteArray header("IHDR\0\0\x4E\x20\0\0\x4E\x20\x08\x02\0\0\0", 17);
    quint32 sum = 0xFFFFFFFFU;
    for (const char byte : header) {
        sum ^= static_cast<quint8>(byte);
        for (int i = 0; i < 8; ++i)
            sum = (sum >> 1U) ^ (0xEDB88320U & (0U - (sum & 1U)));
    }
    sum = ~sum;
    large = large.left(12) + header;
    for (int i = 3; i >= 0; --i)
        large += static_cast<char>(sum >> (8 * i));
    row("large", large + QByteArray("\0\0\0\0IDAT", 8), "p: 20000 × 20000 pixels are more than");
}

void TestPicture::refuses()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const Result<Tensor> picture = decoded(bytes);
    QVERIFY(!picture);
    const QString found = QString::fromStdString(picture.error().message());
    QVERIFY2(found.contains(message), qPrintable(found));
}

void TestPicture::everyTruncation()
{
    QByteArray pixels;
    for (int i = 0; i < 9 * 7 * 3; ++i)
        pixels += static_cast<char>(i * 37);
    const QByteArray png = pngOf(9, 7, pixels);
    // The last chunk of a PNG file (12 bytes) and the last marker of a JPEG file (2 bytes) hold no pixels.
    for (qsizetype size = 0; size < png.size() - 12; ++size)
        QVERIFY2(!decoded(png.left(size)), qPrintable(QString::number(size)));
    QVERIFY(decoded(png));
    const QByteArray jpeg = jpegOf(9, 7, pixels);
    for (qsizetype size = 0; size < jpeg.size() - 2; ++size)
        QVERIFY2(!decoded(jpeg.left(size)), qPrintable(QString::number(size)));
    QVERIFY(decoded(jpeg));
}

/// An error or some picture of not more than the pixels that are read; never harm.
void TestPicture::everyByteFlipped()
{
    QByteArray pixels;
    for (int i = 0; i < 9 * 7 * 3; ++i)
        pixels += static_cast<char>(i * 37);
    for (const QByteArray& whole : {pngOf(9, 7, pixels), jpegOf(9, 7, pixels)}) {
        for (qsizetype at = 0; at < whole.size(); ++at) {
            for (const int mask : {0xFF, 0x01, 0x80}) {
                QByteArray bytes = whole;
                bytes[at] = static_cast<char>(bytes[at] ^ mask);
                const Result<Tensor> picture = decoded(bytes, {4, 4});
                if (picture)
                    QVERIFY(picture->elementCount() <= (std::int64_t{1} << 26) * 3);
            }
        }
    }
}

void TestPicture::resizes_data()
{
    QTest::addColumn<int>("height");
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("channels");
    QTest::addColumn<QString>("expected");
    // Of the 2 × 4 picture 0 40 80 120 / 100 140 180 220.
    QTest::newRow("as it is") << 2 << 4 << 1 << "0 40 80 120 100 140 180 220";
    QTest::newRow("halved across") << 2 << 2 << 1 << "20 100 120 200";
    QTest::newRow("halved") << 1 << 2 << 1 << "70 150";
    QTest::newRow("one pixel") << 1 << 1 << 1 << "110";
    QTest::newRow("two thirds") << 1 << 3 << 1 << "60 110 160";
    QTest::newRow("doubled down") << 4 << 4 << 1
                                  << "0 40 80 120 25 65 105 145 75 115 155 195 100 140 180 220";
    QTest::newRow("colours") << 1 << 1 << 3 << "110 110 110";
}

void TestPicture::resizes()
{
    QFETCH(int, height);
    QFETCH(int, width);
    QFETCH(int, channels);
    QFETCH(QString, expected);
    const Tensor picture = pictureOf(2, 4, {0, 40, 80, 120, 100, 140, 180, 220});
    QCOMPARE(resized(picture, {height, width}, channels), expected);
}

void TestPicture::keepsTheMean_data()
{
    QTest::addColumn<int>("height");
    QTest::addColumn<int>("width");
    for (const auto& [height, width] : {std::pair(1, 1), std::pair(3, 5), std::pair(7, 2), std::pair(13, 17),
                                        std::pair(31, 40), std::pair(1, 50)})
        QTest::addRow("%d × %d", height, width) << height << width;
}

/// A plain picture stays plain in any size; one colour becomes its brightness in grey.
void TestPicture::keepsTheMean()
{
    QFETCH(int, height);
    QFETCH(int, width);
    Tensor picture = *Tensor::create(DType::UInt8, Shape{13, 17, 3});
    for (std::int64_t i = 0; i < picture.elementCount(); ++i)
        picture.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 3 == 0 ? 250 : i % 3 == 1 ? 10 : 99);
    std::vector<std::uint8_t> colours(static_cast<std::size_t>(height * width * 3));
    std::vector<std::uint8_t> greys(static_cast<std::size_t>(height * width));
    QVERIFY(resizePicture(picture, {height, width}, 3, colours).isOk());
    QVERIFY(resizePicture(picture, {height, width}, 1, greys).isOk());
    for (std::size_t i = 0; i < greys.size(); ++i) {
        QCOMPARE(colours[3 * i], std::uint8_t{250});
        QCOMPARE(colours[3 * i + 1], std::uint8_t{10});
        QCOMPARE(colours[3 * i + 2], std::uint8_t{99});
        QCOMPARE(greys[i], std::uint8_t{92}); // 0.299 · 250 + 0.587 · 10 + 0.114 · 99 = 91.9
    }
}

QTEST_GUILESS_MAIN(TestPicture)
#include "tst_picture.moc"
