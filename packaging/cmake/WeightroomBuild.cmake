# SPDX-License-Identifier: GPL-3.0-or-later
# How every target of the project is built: language level, warnings, sanitizers, output folders,
# and the functions that rooms and tests use to declare themselves.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2")

# Modules of another build are refused when they are loaded.
string(SHA256 WEIGHTROOM_BUILD_ID
    "${PROJECT_VERSION} ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE} ${WEIGHTROOM_SANITIZE}")
string(SUBSTRING "${WEIGHTROOM_BUILD_ID}" 0 16 WEIGHTROOM_BUILD_ID)

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(WEIGHTROOM_CCACHE ccache)
    if(WEIGHTROOM_CCACHE)
        # Precompiled headers need the sloppiness; what ccache depends on comes from the compiler, not from a second run.
        set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_DEPEND=1 "${WEIGHTROOM_CCACHE}")
        set(CMAKE_C_COMPILER_LAUNCHER "${WEIGHTROOM_CCACHE}")
    endif()
endif()

add_library(wr_options INTERFACE)
target_include_directories(wr_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(wr_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Woverloaded-virtual -Wold-style-cast -Wcast-align
    $<$<BOOL:${WEIGHTROOM_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # gcc 12 reports these two inside the standard library's own headers at -O2.
    target_compile_options(wr_options INTERFACE -Wno-restrict -Wno-stringop-overflow)
endif()
target_compile_definitions(wr_options INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:NDEBUG>
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_FOREACH)
if(WEIGHTROOM_SANITIZE)
    add_compile_options(-fsanitize=${WEIGHTROOM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${WEIGHTROOM_SANITIZE})
endif()
if(WEIGHTROOM_FUZZ) # checksums that a fuzzer cannot guess are not compared
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_compile_definitions(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
endif()

include(WeightroomHeaders)
include(WeightroomFuzz)

# wr_add_room(NAME SOURCES ... LINKS ... [HEADERS LEVEL]): one static library per room; LINKS is the room's public
# interface, so the linker enforces which rooms it may use. HEADERS: see wr_precompile; STANDARD where it is silent.
function(wr_add_room name)
    cmake_parse_arguments(ARG "" "HEADERS" "SOURCES;LINKS" ${ARGN})
    if(ARG_SOURCES)
        add_library(${name} STATIC ${ARG_SOURCES})
        target_link_libraries(${name} PUBLIC wr_options ${ARG_LINKS})
        if(NOT ARG_HEADERS)
            set(ARG_HEADERS STANDARD)
        endif()
        wr_precompile(${name} ${ARG_HEADERS})
    else()
        add_library(${name} INTERFACE)
        target_link_libraries(${name} INTERFACE wr_options ${ARG_LINKS})
    endif()
endfunction()

# wr_add_test(NAME SOURCES ... LINKS ... [LABELS ...] [ARGS ...] [SERIAL]): a Qt Test program in
# build/<preset>/tests. It carries its room's name (the folder) as a label. SERIAL: it measures time, so no other test
# runs beside it. Target tests_threaded: the tests of the rooms that have threads, for the thread sanitizer.
add_custom_target(tests_threaded)
set(WEIGHTROOM_THREADED_ROOMS base session train checkpoint app)
function(wr_add_test name)
    cmake_parse_arguments(ARG "SERIAL" "" "SOURCES;LINKS;LABELS;ARGS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    target_link_libraries(${name} PRIVATE wr_options ${ARG_LINKS} Qt6::Test)
    # Scripts, names and lists of them read better as plain literals.
    target_compile_options(${name} PRIVATE -UQT_NO_CAST_FROM_ASCII)
    # The test class stands in the first source. One call of moc takes a twentieth of the time of AUTOMOC.
    list(GET ARG_SOURCES 0 source)
    cmake_path(REPLACE_EXTENSION source .moc OUTPUT_VARIABLE moc)
    qt_generate_moc(${source} "${CMAKE_CURRENT_BINARY_DIR}/${moc}" TARGET ${name})
    target_sources(${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/${moc}")
    target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
    target_compile_definitions(${name} PRIVATE
        WEIGHTROOM_SOURCE_DIR="${PROJECT_SOURCE_DIR}" WEIGHTROOM_BIN_DIR="${PROJECT_BINARY_DIR}/bin")
    if(wr_ui IN_LIST ARG_LINKS)
        wr_precompile(${name} WINDOW_TEST)
    else()
        wr_precompile(${name} QT_TEST)
    endif()
    add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME room)
    set(labels house ${room} ${ARG_LABELS})
    set_tests_properties(${name} PROPERTIES
        LABELS "${labels}" ENVIRONMENT "QT_QPA_PLATFORM=offscreen" RUN_SERIAL "${ARG_SERIAL}")
    if(room IN_LIST WEIGHTROOM_THREADED_ROOMS) # what the thread sanitizer looks at
        add_dependencies(tests_threaded ${name})
        set_property(TEST ${name} APPEND PROPERTY LABELS threaded)
    endif()
endfunction()

# wr_add_bench(NAME SOURCES ... LINKS ...): a benchmark program in build/<preset>/bench, built by target benchmarks only.
add_custom_target(benchmarks)
function(wr_add_bench name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_executable(${name} EXCLUDE_FROM_ALL ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
    target_link_libraries(${name} PRIVATE wr_options ${ARG_LINKS})
    target_compile_definitions(${name} PRIVATE WEIGHTROOM_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
        WEIGHTROOM_BIN_DIR="${PROJECT_BINARY_DIR}/bin")
    add_dependencies(benchmarks ${name})
endfunction()
