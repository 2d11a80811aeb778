#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""source_mutants.py [--jobs N] [--only WORD…]: puts faults into a copy of the sources, one at a time, and asks the
torture driver, built from that copy, whether it notices. Prints a table; exit code 1 when a fault goes unnoticed.
Takes some minutes: a full form, not a test of every build."""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAVE = "engine/checkpoint/save.cpp"
DURABLE = "engine/checkpoint/durable_file.cpp"
# what, file, old text, new text (or some of both), experiment that must fail
MUTANTS = [
    ("the file is not synced", DURABLE, "WR_RETURN_IF_ERROR(m_file->sync());", "", "crash_states"),
    ("the folder is not synced", DURABLE, "return m_vfs->syncDirectory(directoryOf(m_path))", "return Status()", "crash_states"),
    ("a failed save leaves its file", DURABLE, "if (!m_temporary.empty())", "if (false)", "write_faults"),
    ("the file is not read back", SAVE, "return verify();", "return {};", "write_faults"),
    ("what is read back is not compared", SAVE, "if (XXH128_isEqual(written, XXH3_128bits_digest(m_hash)) == 0)", "if (false)", "write_faults"),
    ("renamed before it is looked at", DURABLE,
     ("    m_file.reset();\n    return {};", "    WR_RETURN_IF_ERROR(replace ?"),
     ("    m_file.reset();\n    WR_RETURN_IF_ERROR(m_vfs->renameReplace(m_temporary, m_path));\n    m_temporary = m_path;\n    return {};",
      "    if (m_temporary != m_path)\n    WR_RETURN_IF_ERROR(replace ?"), "write_faults"),
    ("temporary files are not swept", "engine/base/temporary_file.cpp", "errno == ESRCH", "false", "crash_states"),
    ("a small file is not synced", "engine/base/vfs.cpp", "WR_RETURN_IF_ERROR(file->sync());", "", "crash_states"),
    ("a small file is not read back", "engine/base/vfs.cpp", "std::equal(written.begin(), written.end(), contents.begin(), contents.end())", "true", "write_faults"),
    ("a small file's folder is not synced", "engine/base/vfs.cpp", "return vfs.syncDirectory(directory);", "return {};", "crash_states"),
    ("fsync's result is not looked at", "engine/base/vfs_posix.cpp", "return fsync(m_descriptor) == 0 ? Status()", "return fsync(m_descriptor) != 7 ? Status()", "syscalls"),
    ("an interrupted write is an error for ever", "engine/base/vfs_posix.cpp", "constexpr int kMost = 100;", "constexpr int kMost = 100'000'000;", "syscalls"),
    ("the rules leave no spare", "engine/checkpoint/retention.cpp", "constexpr std::size_t kLeastWhole = 2;", "constexpr std::size_t kLeastWhole = 0;", "crash_states"),
    ("the rules remove bases", "engine/checkpoint/retention.cpp", "keep(base, Stay::Base);", "static_cast<void>(base);", "crash_states"),
    ("bases go before differences", "engine/checkpoint/removal.cpp", "for (const bool isDelta : {true, false})", "for (const bool isDelta : {false, true})", "crash_states"),
    ("what cannot be read counts as based on nothing", "engine/checkpoint/removal.cpp", "return {nullptr, canBeRead(vfs, path)};", "return {nullptr, true};", "write_faults"),
    ("hashes of frames are not compared", "engine/checkpoint/frame_scan.cpp", "hasHash && frameHash(packed) == m_hashes[*entry]", "hasHash", "flips"),
    ("the table is not compared", "engine/checkpoint/verify.cpp", "if (isWrong) {", "if (false) {", "flips"),
    ("the index's head is not compared", "engine/checkpoint/index_reader.cpp", "if (layout::headHash(payload.first(tableEnd)) != hash)", "if (false)", "flips"),
    ("a missing table is not told", "engine/checkpoint/wr1_reader.cpp", "reader->m_warnings = std::move(warnings);", "", "truncations"),
    ("tensors are blamed that are whole", "engine/checkpoint/verify.cpp", "begin = m_survey.content[i]->begin;", "begin = 0;", "flips"),
]


def run(words, **keywords):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **keywords)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--only", nargs="+", default=[""], help="mutants whose description holds one of these words")
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="weightroom-mutants-") as scratch:
        tree = pathlib.Path(scratch) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns("build", ".git"))
        # A fault that the compiler warns of is one all the same.
        configured = run(["cmake", "--preset", "release", "-DWEIGHTROOM_CUDA=OFF", "-DWEIGHTROOM_WERROR=OFF"], cwd=tree)
        if configured.returncode:
            sys.exit(configured.stdout)

        def build():
            return run(["nice", "ninja", "-C", "build/release", "-j", choice.jobs, "torture"], cwd=tree)

        driver = tree / "build/release/tests/torture/torture"
        whole = build()
        if whole.returncode:
            sys.exit(whole.stdout)
        caught = 0
        chosen = [mutant for mutant in MUTANTS if any(word in mutant[0] for word in choice.only)]
        for what, name, old, new, experiment in chosen:
            path = tree / name
            text = path.read_text()
            changed = text
            for one, other in zip(*((old, new) if isinstance(old, tuple) else ((old,), (new,)))):
                if one not in changed:
                    print(f"{what:48} the text is not in {name} any more", flush=True)
                    changed = None
                    break
                changed = changed.replace(one, other)
            if changed is None:
                continue
            path.write_text(changed)
            built = build()
            if built.returncode:
                print(f"{what:48} does not build\n{built.stdout[-600:]}", flush=True)
            else:
                try:
                    answer = run([str(driver), experiment], timeout=600)
                    noticed = answer.returncode == 1  # a driver that dies has noticed nothing
                    first = next((line for line in answer.stdout.splitlines() if line.startswith("FAIL!")), "")
                except subprocess.TimeoutExpired:
                    noticed, first = True, "it hangs"
                caught += noticed
                print(f"{what:48} {experiment:13} {'caught' if noticed else 'NOT NOTICED'}  {first[:110]}", flush=True)
            path.write_text(text)
        print(f"source mutants: {caught} of {len(chosen)} caught")
        return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
