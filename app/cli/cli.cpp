// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli.h"

#include "app/cli/command.h"
#include "app/library/example.h"

#include <QCommandLineParser>
#include <QVector>

#ifndef WEIGHTROOM_VERSION
#define WEIGHTROOM_VERSION "unknown"
#endif

namespace wr::app {
namespace {

using Option = QCommandLineOption;

struct Command {
    QString name;
    QString usage; ///< positional arguments
    QString summary;
    int minimum;
    int maximum;
    QList<Option> options;
    int (*run)(const Invocation& invocation);
};

QString q(const char* text)
{
    return QString::fromUtf8(text);
}

Option flag(const char* name, const char* description)
{
    return {q(name), q(description)};
}

Option value(const char* name, const char* valueName, const char* description)
{
    return {q(name), q(description), q(valueName)};
}

QVector<Command> commandTable()
{
    const Option data =
        value("data", "DIR", "Train on the IDX files of this folder instead of the recipe's data.");
    const Option output =
        value("output", "FILE", "Save to this file instead of the project's checkpoints folder.");
    const Option profile = value(
        "profile", "NAME", "compact (default), plain: a safetensors file in zstd, or stored: not packed.");
    const Option map =
        value("map", "STORED=VARIABLE|FILE.wrmap",
              "Restore VARIABLE from the tensor STORED, or by the rules of a mapping; may be repeated.");
    const Option heads =
        value("heads", "N", "Attention heads, where two namings order their rows differently.");
    const Option keyHeads = value("kv-heads", "N", "Heads of keys and values, where there are fewer.");
    const Option averages =
        flag("use-averages", "Take the moving average of a weight for the weight, where there is one.");
    const Option threads = value("threads", "N", "Threads to compute with; default: all that may be used.");
    return {
        {q("train"),
         q("[PROJECT|EXAMPLE]"),
         q("Initialise or resume, train by the recipe, save a checkpoint."),
         0,
         1,
         {data, output, profile, threads, value("resume", "CHECKPOINT", "Continue from this checkpoint."),
          value("epochs", "N", "Stop after N epochs."), value("steps", "N", "Stop after N steps."),
          value("minutes", "M", "Stop after M minutes of training."),
          value("learning-rate", "RATE", "Use this rate instead of the script's."),
          value("curves", "FILE", "Where to paint the curves; default: beside the checkpoint, .png."),
          flag("no-curves", "Paint no curves.")},
         runTrain},
        {q("init"),
         q("PROJECT"),
         q("Initialise all variables and save them."),
         1,
         1,
         {output, profile, threads, data},
         runInit},
        {q("save"),
         q("PROJECT CHECKPOINT OUT"),
         q("Save the model's variables, as CHECKPOINT holds them, under the names of a saver."),
         3,
         3,
         {profile, value("saver", "NAME", "A saver of the script; default: the first, or all variables."),
          value("as", "STORED=VARIABLE",
                "Save VARIABLE under the name STORED, and only what is named so; may be repeated.")},
         runSave},
        {q("restore"),
         q("PROJECT CHECKPOINT"),
         q("Plan a restore, show each variable's fate, restore, initialise the rest and save the result."),
         2,
         2,
         {map, flag("match", "Match the names that are left, and take what is certain."), heads, keyHeads,
          averages,
          value("initialize", "VARIABLE", "Initialise VARIABLE instead of restoring it; may be repeated."),
          flag("dry-run", "Show the plan and do nothing."), output, profile, threads, data},
         runRestore},
        {q("run-recipe"),
         q("PROJECT [NAME]"),
         q("Run a session block or an init group of the script, action by action."),
         1,
         2,
         {profile, threads, data,
          flag("own-folders", "Save to the folders that the script names, where they exist.")},
         runRecipe},
        {q("inspect"),
         q("CHECKPOINT"),
         q("List tensors, statistics and metadata."),
         1,
         1,
         {value("tensor", "NAME", "Print the first values of one tensor."),
          flag("listing", "Print bare lines as TensorFlow's inspect_checkpoint does."),
          flag("verify", "Read everything and check every checksum and digest.")},
         runInspect},
        {q("diff"),
         q("A B"),
         q("Compare two checkpoints of any formats tensor by tensor, renamed ones too."),
         2,
         2,
         {flag("all", "List equal tensors too."), flag("by-name", "Pair tensors of the same name only."),
          value("tolerance", "X", "Differences up to X do not count as beyond the tolerance."),
          value("relative-tolerance", "X", "Nor do those up to X times the value in A."), heads, keyHeads},
         runDiff},
        {q("map"),
         q("suggest FROM TO | check MAPPING FROM [TO] | apply MAPPING FROM OUT"),
         q("Find out which tensors belong together, try a mapping of names, apply it. TO: a checkpoint or "
           "project."),
         3,
         4,
         {value("output", "FILE.wrmap", "suggest: write the mapping to this file."), heads, keyHeads,
          averages, profile, threads},
         runMap},
        {q("rewrite"),
         q("CHECKPOINT OUT"),
         q("Write a checkpoint under new names; what is only renamed is not packed again."),
         2,
         2,
         {value("map", "FILE.wrmap", "The mapping of names."), profile, threads},
         runRewrite},
        {q("average"),
         q("CHECKPOINT... OUT"),
         q("Write the mean of checkpoints, a weighted sum, or the difference of two, in the types that they "
           "have."),
         2,
         1000,
         {value("weight", "W", "Weights of a sum, one for each checkpoint in their order."),
          flag("difference", "Of two checkpoints A and B write B − A."), profile, threads},
         runAverage},
        {q("stats"),
         q("CHECKPOINT"),
         q("Show the statistics of each tensor's values."),
         1,
         1,
         {flag("recompute", "Read all values, also where the statistics are known."), threads},
         runStats},
        {q("verify"),
         q("CHECKPOINT"),
         q("Check every byte: frames, checksums, table, index, header, the digest of each tensor."),
         1,
         1,
         {},
         runVerify},
        {q("verify-resume"),
         q("PROJECT CHECKPOINT [LATER]"),
         q("Train on from a checkpoint and compare every bit: with a later one, or with a training that "
           "never "
           "stopped."),
         2,
         3,
         {value("steps", "N", "Steps to train where there is no later checkpoint (20)."), threads, data},
         runVerifyResume},
        {q("salvage"),
         q("CHECKPOINT OUT"),
         q("Write all whole tensors of a damaged checkpoint to a new one."),
         2,
         2,
         {profile, threads},
         runSalvage},
        {q("convert"),
         q("CHECKPOINT OUT"),
         q("Write a checkpoint anew, in the format that OUT's name asks for: .wrck, .safetensors, .npz, .pt, "
           ".index (TensorFlow), or a folder of .npy by NAME/."),
         2,
         2,
         {profile, threads,
          value("dtype", "TYPE", "Cast floating weights to float64, float32, float16 or bfloat16."),
          flag("dry-run", "Say what would be written, and how large it is, and write nothing.")},
         runConvert},
        {q("standalone"),
         q("DELTA [OUT]"),
         q("Write a delta as a checkpoint that needs no base; without OUT in its own place."),
         1,
         2,
         {threads},
         runStandalone},
        {q("gc"),
         q("PROJECT"),
         q("Remove the checkpoints that the rules of the script let go."),
         1,
         1,
         {flag("dry-run", "Name them and remove nothing.")},
         runGc},
    };
}

QString helpText(const QVector<Command>& commands)
{
    QString text = q("weightroom-cli " WEIGHTROOM_VERSION "\n\n"
                     "Usage: weightroom-cli COMMAND [ARGUMENTS] [OPTIONS]\n\nCommands:\n");
    for (const Command& command : commands)
        text += QStringLiteral("  %1 %2\n").arg(command.name.leftJustified(10), command.summary);
    text +=
        q("\nEvery command takes --json (one object per line) and --help.\n"
          "Exit codes: 0 done (diff: equal), 1 the checkpoints differ (verify: damage; salvage: some lost),\n"
          "2 wrong usage or bad input,\n"
          "3 the work failed, 130 interrupted.\n");
    if (const QStringList examples = exampleNames(); !examples.isEmpty())
        text += QStringLiteral("Examples: %1. Try: weightroom-cli train %2\n")
                    .arg(examples.join(QStringLiteral(", ")), examples.first());
    return text;
}

Explanation usageError(const QString& why, const QString& command)
{
    return {
        q("The command line was not understood."), why,
        q("Run “weightroom-cli %1--help”.").arg(command.isEmpty() ? QString() : command + QLatin1Char(' '))};
}

int runCommand(const Command& command, const QStringList& arguments, const CurvePainter& paintCurves)
{
    QCommandLineParser parser;
    const Option json = flag("json", "Print one JSON object per line.");
    const Option help({q("h"), q("help")}, q("Show this help."));
    parser.setApplicationDescription(command.summary);
    parser.addOptions(command.options);
    parser.addOption(json);
    parser.addOption(help);
    parser.addPositionalArgument(q("arguments"), command.summary, command.usage);
    const bool understood = parser.parse(QStringList{q("weightroom-cli ") + command.name} + arguments);

    const Output output(parser.isSet(json));
    if (parser.isSet(help)) {
        Output(false).line(parser.helpText());
        return ExitDone;
    }
    if (!understood) {
        output.error(usageError(parser.errorText(), command.name));
        return ExitUsage;
    }
    const QStringList positional = parser.positionalArguments();
    if (positional.size() < command.minimum || positional.size() > command.maximum) {
        output.error(usageError(q("“%1” takes: %2").arg(command.name, command.usage), command.name));
        return ExitUsage;
    }
    return command.run({parser, positional, output, paintCurves});
}

} // namespace

int runCommandLine(const QStringList& arguments, const CurvePainter& paintCurves)
{
    const QVector<Command> commands = commandTable();
    const QString first = arguments.value(0);
    if (first.isEmpty() || first == QLatin1String("--help") || first == QLatin1String("-h") ||
        first == QLatin1String("help")) {
        Output(false).line(helpText(commands));
        return first.isEmpty() ? ExitUsage : ExitDone;
    }
    if (first == QLatin1String("--version")) {
        Output(false).line(q("weightroom-cli " WEIGHTROOM_VERSION));
        return ExitDone;
    }
    for (const Command& command : commands) {
        if (command.name == first)
            return runCommand(command, arguments.mid(1), paintCurves);
    }
    const bool json = arguments.contains(q("--json"));
    Output(json).error(usageError(q("“%1” is no command.").arg(first), {}));
    return ExitUsage;
}

} // namespace wr::app
