# SPDX-License-Identifier: GPL-3.0-or-later
# Precompiled headers: most of a compilation's time goes into reading the standard library and Qt. Only headers from
# outside the project are precompiled, so that an edit of ours rebuilds what includes it and nothing else. Sources
# include what they use all the same: the dev preset builds without.

set(WEIGHTROOM_STANDARD_HEADERS
    <algorithm> <array> <cmath> <cstdint> <cstring> <functional> <map> <memory> <optional> <set> <span> <string>
    <string_view> <unordered_map> <unordered_set> <utility> <variant> <vector> <tl/expected.hpp>)
set(WEIGHTROOM_QT_HEADERS ${WEIGHTROOM_STANDARD_HEADERS}
    <QAbstractListModel> <QAbstractTableModel> <QCoreApplication> <QDateTime> <QDir> <QFile> <QFileInfo> <QHash>
    <QJsonArray> <QJsonDocument> <QJsonObject> <QLocale> <QMimeData> <QObject> <QPointF> <QRegularExpression> <QSet>
    <QString> <QStringList> <QTimer> <QVector>)
set(WEIGHTROOM_WINDOW_HEADERS ${WEIGHTROOM_QT_HEADERS}
    <QAction> <QApplication> <QCheckBox> <QComboBox> <QFrame> <QHBoxLayout> <QHeaderView> <QHelpEvent>
    <QItemSelectionModel> <QKeyEvent> <QLabel> <QLineEdit> <QListView> <QMenu> <QMouseEvent> <QPainter> <QPainterPath>
    <QPushButton> <QScrollBar> <QSettings> <QShortcut> <QSplitter> <QStackedWidget> <QStyle> <QStyledItemDelegate>
    <QTableView> <QToolButton> <QToolTip> <QVBoxLayout> <QWidget>)
set(WEIGHTROOM_TEST_HEADERS
    <QAbstractItemModelTester> <QElapsedTimer> <QProcess> <QSignalSpy> <QStandardPaths> <QTemporaryDir> <QTest>)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    # -fpch-preprocess is for ccache. gcc 12 warns of std::string's own copying once it comes from a precompiled header.
    target_compile_options(wr_options INTERFACE -fpch-preprocess -Wno-array-bounds)
endif()

# wr_precompile(TARGET LEVEL): gives a target the headers of its level (STANDARD, QT, WINDOW, QT_TEST, WINDOW_TEST).
# Targets of one level share one precompiled header, which the first of them owns; a source with options of its own sets
# SKIP_PRECOMPILE_HEADERS.
function(wr_precompile target level)
    string(REPLACE "_TEST" "" base ${level})
    set(headers ${WEIGHTROOM_${base}_HEADERS})
    if(level MATCHES "_TEST$")
        list(APPEND headers ${WEIGHTROOM_TEST_HEADERS})
        # Qt Test would tell each folder its name, and the macros are part of the precompiled header.
        target_compile_options(${target} PRIVATE -UQT_TESTCASE_BUILDDIR -UQT_TESTCASE_SOURCEDIR)
    endif()
    get_property(owner GLOBAL PROPERTY WEIGHTROOM_HEADERS_OF_${level})
    if(owner)
        target_precompile_headers(${target} REUSE_FROM ${owner})
    else()
        set_property(GLOBAL PROPERTY WEIGHTROOM_HEADERS_OF_${level} ${target})
        target_precompile_headers(${target} PRIVATE ${headers})
    endif()
endfunction()
