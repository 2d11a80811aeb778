// SPDX-License-Identifier: GPL-3.0-or-later
// Data sets: made examples, and files.
#include "engine/graph/model_builder.h"

namespace wr::graph {

using Kind = Value::Kind;

void ModelBuilder::addDataFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.insert(
        table.end(),
        {
            {"wr.data.digits", &B::callDigits, {"train", "test", "seed", "normalize", "one_hot"}},
            {"wr.data.spiral", &B::callPoints, {"train", "test", "seed", "classes", "noise"}},
            {"wr.data.xor", &B::callPoints, {"train", "test", "seed", "noise"}},
            {"wr.data.blobs", &B::callPoints, {"train", "test", "seed", "classes", "noise"}},
            {"wr.data.moons", &B::callPoints, {"train", "test", "seed", "noise"}},
            {"wr.data.sine", &B::callPoints, {"train", "test", "seed", "noise"}},
            {"wr.data.idx", &B::callIdx, {"images", "labels", "train", "test", "normalize", "one_hot"}},
            {"wr.data.csv",
             &B::callTable,
             {"path", "label", "features", "train", "test", "seed", "delimiter", "header", "missing",
              "normalize", "one_hot"}},
            {"wr.data.npy",
             &B::callArrays,
             {"features", "labels", "train", "test", "seed", "normalize", "one_hot"}},
            {"wr.data.npz",
             &B::callArchive,
             {"path", "features", "labels", "test_features", "test_labels", "train", "test", "seed",
              "normalize", "one_hot"}},
            {"wr.data.images",
             &B::callImages,
             {"path", "size", "channels", "train", "test", "seed", "normalize", "one_hot"}},
        });
}

Value ModelBuilder::callDigits(CallArguments& arguments)
{
    DataSpec spec;
    spec.name = "digits";
    spec.kind = DataKind::Digits;
    spec.classes = 10;
    spec.source = arguments.range();
    const std::optional<std::int64_t> train = arguments.integer("train", 8000);
    const std::optional<std::int64_t> test = arguments.integer("test", 2000);
    const std::optional<std::int64_t> seed = arguments.integer("seed", 1);
    if (!train || !test || !seed || !readForms(arguments, spec))
        return Value::error();
    constexpr std::int64_t kMost = 10000000;
    if (*train < 1 || *test < 0 || *train > kMost || *test > kMost)
        return error(arguments.range(), "train must be from 1 and test from 0 to 10,000,000 examples");
    spec.train = *train;
    spec.test = *test;
    spec.seed = static_cast<std::uint64_t>(*seed);
    m_data.push_back(std::move(spec));
    return Value::ofIndex(Kind::Data, m_data.size() - 1);
}

/// Points of a plane, or of a curve over a line.
Value ModelBuilder::callPoints(CallArguments& arguments)
{
    DataSpec spec;
    spec.name = std::string(arguments.function().substr(std::string_view("wr.data.").size()));
    spec.source = arguments.range();
    spec.kind = spec.name == "spiral"  ? DataKind::Spiral
                : spec.name == "xor"   ? DataKind::Xor
                : spec.name == "blobs" ? DataKind::Blobs
                : spec.name == "moons" ? DataKind::Moons
                                       : DataKind::Sine;
    const std::optional<std::int64_t> train = arguments.integer("train", 2000);
    const std::optional<std::int64_t> test = arguments.integer("test", 500);
    const std::optional<std::int64_t> seed = arguments.integer("seed", 1);
    const std::optional<std::int64_t> classes =
        arguments.integer("classes", spec.kind == DataKind::Blobs ? 3 : 2);
    const std::optional<double> noise = arguments.number("noise", spec.kind == DataKind::Xor ? 0.0 : 0.1);
    if (!train || !test || !seed || !classes || !noise)
        return Value::error();
    constexpr std::int64_t kMost = 10000000;
    if (*train < 1 || *test < 0 || *train > kMost || *test > kMost)
        return error(arguments.range(), "train must be from 1 and test from 0 to 10,000,000 examples");
    if (*classes < 2 || *classes > 100)
        return error(arguments.rangeOf("classes"), "classes must be from 2 to 100");
    if (!(*noise >= 0.0 && *noise <= 10.0))
        return error(arguments.rangeOf("noise"), "noise must be from 0 to 10");
    spec.train = *train;
    spec.test = *test;
    spec.seed = static_cast<std::uint64_t>(*seed);
    spec.classes = spec.kind == DataKind::Sine ? 0 : *classes;
    spec.noise = *noise;
    m_data.push_back(std::move(spec));
    return Value::ofIndex(Kind::Data, m_data.size() - 1);
}

Value ModelBuilder::callIdx(CallArguments& arguments)
{
    DataSpec spec;
    spec.name = "IDX files";
    spec.kind = DataKind::Idx;
    spec.source = arguments.range();
    const Value images = arguments.required("images");
    const Value labels = arguments.required("labels");
    const std::optional<std::string> imagesPath = toText(images, arguments.rangeOf("images"));
    const std::optional<std::string> labelsPath = toText(labels, arguments.rangeOf("labels"));
    const std::optional<std::int64_t> train = arguments.integer("train", 0);
    const std::optional<std::int64_t> test = arguments.integer("test", 0);
    if (!imagesPath || !labelsPath || !train || !test || !readForms(arguments, spec))
        return Value::error();
    if (*train < 0 || *test < 0)
        return error(arguments.range(), "train and test cannot be negative");
    spec.imagesPath = *imagesPath;
    spec.labelsPath = *labelsPath;
    spec.train = *train;
    spec.test = *test;
    m_data.push_back(std::move(spec));
    return Value::ofIndex(Kind::Data, m_data.size() - 1);
}

/// normalize and one_hot; false after a diagnostic.
bool ModelBuilder::readForms(CallArguments& arguments, DataSpec& spec)
{
    const std::optional<bool> normalize = arguments.boolean("normalize", false);
    const std::optional<bool> oneHot = arguments.boolean("one_hot", false);
    spec.normalize = normalize.value_or(false);
    spec.oneHot = oneHot.value_or(false);
    return normalize && oneHot;
}

/// path, train, test, normalize and one_hot of data that comes from files; false after a diagnostic.
bool ModelBuilder::readFileSettings(CallArguments& arguments, const char* path, DataSpec& spec)
{
    spec.source = arguments.range();
    const std::optional<std::string> file = toText(arguments.required(path), arguments.rangeOf(path));
    const std::optional<std::int64_t> train = arguments.integer("train", 0);
    const std::optional<std::int64_t> test = arguments.integer("test", 0);
    const bool isShuffled = arguments.has("seed") && arguments.value("seed").kind != Kind::None;
    const std::optional<std::int64_t> seed =
        isShuffled ? arguments.integer("seed", 1) : std::optional<std::int64_t>(1);
    if (!file || !train || !test || !seed || !readForms(arguments, spec))
        return false;
    if (file->empty()) {
        error(arguments.rangeOf(path), std::string(path) + " is empty");
        return false;
    }
    if (*train < 0 || *test < 0) {
        error(arguments.range(), "train and test cannot be negative");
        return false;
    }
    const std::size_t end = file->find_last_not_of('/') + 1;
    const std::size_t slash = file->substr(0, end).find_last_of('/');
    spec.name = file->substr(slash + 1, end - slash - 1);
    spec.imagesPath = *file;
    spec.train = *train;
    spec.test = *test;
    spec.seed = static_cast<std::uint64_t>(*seed);
    spec.isShuffled = spec.isShuffled || isShuffled;
    return true;
}

/// A column by its name or its number.
std::optional<std::string> ModelBuilder::toColumn(const Value& value, const script::TextRange& range)
{
    if (value.kind == Kind::Number && value.isInteger)
        return std::to_string(value.integer);
    if (value.kind == Kind::String && !value.text.empty())
        return value.text;
    if (!value.isError())
        error(range, "a column is expected here: its name in quotes, or its number from 0");
    return std::nullopt;
}

Value ModelBuilder::callTable(CallArguments& arguments)
{
    DataSpec spec;
    spec.kind = DataKind::Csv;
    spec.isShuffled = true;
    if (!readFileSettings(arguments, "path", spec))
        return Value::error();
    TableSettings& table = spec.table;
    const std::optional<std::string> label =
        toColumn(arguments.required("label"), arguments.rangeOf("label"));
    if (!label)
        return Value::error();
    table.label = *label;
    const Value features = arguments.value("features");
    if (features.isError())
        return Value::error();
    if (features.kind != Kind::None && (features.kind != Kind::List || features.items.empty()))
        return error(arguments.rangeOf("features"), "features is a list of columns: [\"length\", \"width\"]");
    for (const Value& feature : features.items) {
        const std::optional<std::string> column = toColumn(feature, arguments.rangeOf("features"));
        if (!column)
            return Value::error();
        if (*column == table.label)
            return error(arguments.rangeOf("features"), "\"" + *column +
                                                            "\" is the label; a model that sees it as a "
                                                            "feature too has nothing to learn");
        table.features.push_back(*column);
    }
    if (arguments.has("delimiter")) {
        const std::optional<std::string> text =
            toText(arguments.value("delimiter"), arguments.rangeOf("delimiter"));
        if (!text)
            return Value::error();
        const bool isOne = text->size() == 1 && text->find_first_of("\"\r\n") == std::string::npos &&
                           static_cast<unsigned char>(text->front()) < 0x80 && text->front() != '\0';
        if (!isOne)
            return error(
                arguments.rangeOf("delimiter"),
                "delimiter is one character, as \",\", \";\" or \"\\t\"; no quote and no line break");
        table.delimiter = text->front();
    }
    if (arguments.has("header") && arguments.value("header").kind != Kind::None) {
        table.header = arguments.boolean("header", true);
        if (!table.header)
            return Value::error();
    }
    if (arguments.has("missing")) {
        const std::optional<std::string> rule =
            toText(arguments.value("missing"), arguments.rangeOf("missing"));
        if (!rule)
            return Value::error();
        if (*rule != "refuse" && *rule != "drop" && *rule != "mean")
            return error(arguments.rangeOf("missing"), "missing is \"refuse\", \"drop\" or \"mean\"");
        table.missing = *rule == "drop"   ? MissingRule::Drop
                        : *rule == "mean" ? MissingRule::Mean
                                          : MissingRule::Refuse;
    }
    m_data.push_back(std::move(spec));
    return Value::ofIndex(Kind::Data, m_data.size() - 1);
}

Value ModelBuilder::callArrays(CallArguments& arguments)
{
    DataSpec spec;
    spec.kind = DataKind::Npy;
    if (!readFileSettings(arguments, "features", spec))
        return Value::error();
    const std::optional<std::string> labels =
        toText(arguments.required("labels"), arguments.rangeOf("labels"));
    if (!labels)
        return Value::error();
    if (labels->empty())
        return error(arguments.rangeOf("labels"), "labels is empty");
    spec.labelsPath = *labels;
    m_data.push_back(std::move(spec));
    return Value::ofIndex(Kind::Data, m_data.size() - 1);
}

Value ModelBuilder::callArchive(CallArguments& arguments)
{
    DataSpec spec;
    spec.kind = DataKind::Npz;
    if (!readFileSettings(arguments, "path", spec))
        return Value::error();
    const auto array = [&](const char* parameter, const char* fallback) -> std::optional<std::string> {
        if (!arguments.has(parameter) || arguments.value(parameter).kind == Kind::None)
            return fallback;
        const std::optional<std::string> name =
            toText(arguments.value(parameter), arguments.rangeOf(parameter));
        if (name && name->empty()) {
            error(arguments.rangeOf(parameter), std::string(parameter) + " is empty");
            return std::nullopt;
        }
        return name;
    };
    const std::optional<std::string> features = array("features", "x_train");
    const std::optional<std::string> labels = array("labels", "y_train");
    const std::optional<std::string> testFeatures = array("test_features", "");
    const std::optional<std::string> testLabels = array("test_labels", "");
    if (!features || !labels || !testFeatures || !testLabels)
        return Value::error();
    if (testFeatures->empty() != testLabels->empty())
        return error(arguments.range(), "test_features and test_labels go together");
    if (!testFeatures->empty() && spec.isShuffled)
        return error(
            arguments.rangeOf("seed"),
            "seed is for cutting one set of examples in two; here the test part has arrays of its own");
    spec.archive = {*features, *labels, *testFeatures, *testLabels};
    m_data.push_back(std::move(spec));
    return Value::ofIndex(Kind::Data, m_data.size() - 1);
}

Value ModelBuilder::callImages(CallArguments& arguments)
{
    DataSpec spec;
    spec.kind = DataKind::Images;
    spec.isShuffled = true;
    if (!readFileSettings(arguments, "path", spec))
        return Value::error();
    const Value size = arguments.required("size");
    const std::optional<std::int64_t> channels = arguments.integer("channels", 3);
    if (size.isError() || !channels)
        return Value::error();
    constexpr std::int64_t kLongestSide = 4096;
    const auto isSide = [](const Value& value) {
        return value.kind == Kind::Number && value.isInteger && value.integer >= 1 &&
               value.integer <= kLongestSide;
    };
    if (size.kind != Kind::List || size.items.size() != 2 || !isSide(size.items[0]) || !isSide(size.items[1]))
        return error(arguments.rangeOf("size"), "size is [height, width] in pixels, each from 1 to 4096");
    if (*channels != 1 && *channels != 3)
        return error(arguments.rangeOf("channels"), "channels is 1 (grey) or 3 (colours)");
    spec.pictures = {size.items[0].integer, size.items[1].integer, *channels};
    m_data.push_back(std::move(spec));
    return Value::ofIndex(Kind::Data, m_data.size() - 1);
}

} // namespace wr::graph
