// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/layering/include_arrows.h"

#include <QRegularExpression>
#include <QSet>
#include <functional>

namespace wr::layering {

namespace {

// The table of ARCHITECTURE.md: each room may include itself and these.
const QMap<QString, QStringList>& allowedRooms()
{
    static const QMap<QString, QStringList> table = [] {
        const QStringList base{QStringLiteral("engine/base")};
        const QStringList tensor = base + QStringList{QStringLiteral("engine/tensor")};
        const QStringList backend = tensor + QStringList{QStringLiteral("engine/backend")};
        const QStringList graph = backend + QStringList{QStringLiteral("engine/script")};
        const QStringList session =
            graph + QStringList{QStringLiteral("engine/graph"), QStringLiteral("engine/runtime")};
        const QStringList train = session + QStringList{QStringLiteral("engine/session")};
        const QStringList formats = tensor + QStringList{QStringLiteral("engine/checkpoint")};
        const QStringList app =
            train + QStringList{QStringLiteral("engine/train"), QStringLiteral("engine/checkpoint"),
                                QStringLiteral("engine/remap"), QStringLiteral("engine/formats")};
        return QMap<QString, QStringList>{
            {QStringLiteral("engine/base"), {}},
            {QStringLiteral("engine/tensor"), base},
            {QStringLiteral("engine/backend"), tensor},
            {QStringLiteral("engine/cpu"), backend},
            {QStringLiteral("engine/runtime"), backend},
            {QStringLiteral("engine/script"), base},
            {QStringLiteral("engine/graph"), graph},
            {QStringLiteral("engine/session"), session},
            {QStringLiteral("engine/train"), train},
            {QStringLiteral("engine/checkpoint"), tensor},
            {QStringLiteral("engine/remap"), formats},
            {QStringLiteral("engine/formats"), formats},
            {QStringLiteral("gpu"), backend},
            {QStringLiteral("app"), app},
            {QStringLiteral("ui"), {QStringLiteral("app")}},
        };
    }();
    return table;
}

// Libraries, by how their headers are spelled, and the rooms that own them.
struct Library {
    const char* headers;
    const char* rooms;
};

constexpr Library kLibraries[] = {
    {"^(Q[A-Z]|Qt|q[a-z]+\\.h$)", "^(app|ui)$"},
    {"^Qt(?!Core/)[A-Z][A-Za-z]*/", "^ui$"},
    {"^(Eigen|unsupported/Eigen)/", "^engine/cpu$"},
    {"^(zstd|zdict)", "^engine/(checkpoint|formats)$"},
    {"^xxhash", "^engine/(checkpoint|formats)$"},
    {"^hdf5", "^engine/formats$"},
    {"^simdjson", "^engine/(checkpoint|formats)$"},
    {"^(zlib|zip|png|turbojpeg)\\.h$", "^engine/(train|formats)$"},
    {"^tl/", "^engine/base$"},
    {"^dlfcn\\.h$", "^(engine/runtime|gpu)$"},
    {"^(cuda|cublas)", "^gpu$"},
    // Every file call of the engine goes through Vfs.
    {"^(fstream|filesystem|fcntl\\.h|sys/stat\\.h|sys/mman\\.h|dirent\\.h)$", "^(engine/base|app|ui)$"},
};

struct Include {
    int line;
    QString path;
    bool quoted;
};

QList<Include> includesOf(const QStringList& lines)
{
    static const QRegularExpression pattern(QStringLiteral("^\\s*#\\s*include\\s*([\"<]?)([^\">]+)"));
    QList<Include> includes;
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const auto match = pattern.match(lines[i]);
        if (match.hasMatch()) {
            includes.push_back({static_cast<int>(i + 1), match.captured(2).trimmed(),
                                match.captured(1) != QStringLiteral("<")});
        }
    }
    return includes;
}

QString judgeLibrary(const QString& room, const QString& header)
{
    if (room == QStringLiteral("tests")) {
        return {};
    }
    for (const Library& library : kLibraries) {
        if (QRegularExpression(QLatin1String(library.headers)).match(header).hasMatch() &&
            !QRegularExpression(QLatin1String(library.rooms)).match(room).hasMatch()) {
            return QStringLiteral("%1 must not include <%2>").arg(room, header);
        }
    }
    return {};
}

QString judge(const SourceTree& tree, const QString& from, const Include& include)
{
    const QString room = roomOf(from);
    const QString target = roomOf(include.path);
    if (include.path.endsWith(QStringLiteral(".moc"))) {
        return {};
    }
    if (target.isEmpty()) {
        return include.quoted ? QStringLiteral("\"%1\" does not start at a top folder").arg(include.path)
                              : judgeLibrary(room, include.path);
    }
    if (!tree.contains(include.path)) {
        return QStringLiteral("\"%1\" does not exist").arg(include.path);
    }
    if (room == QStringLiteral("tests") || room == target || allowedRooms().value(room).contains(target)) {
        return {};
    }
    return QStringLiteral("%1 must not include %2 (\"%3\")").arg(room, target, include.path);
}

} // namespace

QStringList rooms()
{
    return allowedRooms().keys();
}

QString roomOf(const QString& path)
{
    if (path.startsWith(QStringLiteral("tests/"))) {
        return QStringLiteral("tests");
    }
    for (const QString& room : allowedRooms().keys()) {
        if (path.startsWith(room + QLatin1Char('/'))) {
            return room;
        }
    }
    return {};
}

QList<Finding> forbiddenArrows(const SourceTree& tree)
{
    QList<Finding> findings;
    for (auto file = tree.cbegin(); file != tree.cend(); ++file) {
        if (!isCode(file.key())) {
            continue;
        }
        if (roomOf(file.key()).isEmpty()) {
            findings.push_back({file.key(), 0, QStringLiteral("lies in no room of the table")});
            continue;
        }
        for (const Include& include : includesOf(file.value())) {
            const QString complaint = judge(tree, file.key(), include);
            if (!complaint.isEmpty()) {
                findings.push_back({file.key(), include.line, complaint});
            }
        }
    }
    return findings;
}

QList<Finding> circles(const SourceTree& tree)
{
    QList<Finding> findings;
    QSet<QString> done;
    QStringList trail;
    const std::function<void(const QString&)> walk = [&](const QString& path) {
        if (done.contains(path) || !tree.contains(path)) {
            return;
        }
        const qsizetype start = trail.indexOf(path);
        if (start >= 0) {
            findings.push_back(
                {path, 0, QStringLiteral("circle: ") + trail.mid(start).join(QStringLiteral(" > "))});
            return;
        }
        trail.push_back(path);
        for (const Include& include : includesOf(tree.value(path))) {
            walk(include.path);
        }
        trail.removeLast();
        done.insert(path);
    };
    for (const QString& path : tree.keys()) {
        if (isCode(path)) {
            walk(path);
        }
    }
    return findings;
}

} // namespace wr::layering
