// SPDX-License-Identifier: GPL-3.0-or-later
// What a person writes into a cell of the variable table, read strictly. Every error is a sentence that says
// what was read and what is expected. Pure functions; any thread.
#pragma once

#include "engine/base/status.h"
#include "engine/tensor/dtype.h"

#include <QString>
#include <cstdint>
#include <string>
#include <vector>

namespace wr::app {

/// "784x200", "784 × 200", "[784, 200]", "(784, 200)", "784,200", "784"; "scalar" and "[]" for no dimension.
Result<std::vector<std::int64_t>> readShape(const QString& text);
/// "float32" or "tf.float32".
Result<DType> readDType(const QString& text);
/// Any single expression of the script's language, without the space around it.
Result<std::string> readExpression(const QString& text);
/// A name that TensorFlow allows: letters, digits and "_ . - /", not starting with "_", "-" or "/".
Result<std::string> readVariableName(const QString& text);
/// A device name, or empty for none.
Result<std::string> readDevice(const QString& text);
/// A whole number, in decimal or as 0x…; empty for none.
Result<std::string> readSeed(const QString& text);
/// "true", "yes", "1" and "false", "no", "0".
Result<bool> readTruth(const QString& text);

/// True for what Python allows as a name of its own.
bool isIdentifier(const std::string& text);

} // namespace wr::app
