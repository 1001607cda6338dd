# deed_room(NAME engine_graph SOURCES ... DEPENDS ... [PRIVATE_DEPENDS ...])
#
# One folder, one static library, its dependencies named. The link test (an executable that pulls in
# every object of the room and of nothing that it did not name) fails to link when a room uses
# what it did not declare.
function(deed_room)
    cmake_parse_arguments(ROOM "" "NAME" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
    add_library(${ROOM_NAME} STATIC ${ROOM_SOURCES})
    target_link_libraries(${ROOM_NAME} PUBLIC deed_flags ${ROOM_DEPENDS} PRIVATE ${ROOM_PRIVATE_DEPENDS})
    set(link_main "${CMAKE_BINARY_DIR}/link_test_main.cc")
    if(NOT EXISTS "${link_main}")
        file(WRITE "${link_main}" "int main() { return 0; }\n")
    endif()
    add_executable(${ROOM_NAME}_link_test "${link_main}")
    target_link_libraries(${ROOM_NAME}_link_test PRIVATE
        -Wl,--whole-archive $<TARGET_FILE:${ROOM_NAME}> -Wl,--no-whole-archive
        ${ROOM_DEPENDS} ${ROOM_PRIVATE_DEPENDS} deed_flags)
    add_dependencies(${ROOM_NAME}_link_test ${ROOM_NAME})
    add_test(NAME link.${ROOM_NAME} COMMAND ${ROOM_NAME}_link_test)
    set_tests_properties(link.${ROOM_NAME} PROPERTIES LABELS "link")
endfunction()

# deed_test(NAME unit.graph.adjacency SOURCES ... DEPENDS ... [LABELS unit] [TIMEOUT 120] [ARGS ...])
# A gtest executable; a target of the same name with dots as underscores.
function(deed_test)
    cmake_parse_arguments(TEST "" "NAME;TIMEOUT" "SOURCES;DEPENDS;LABELS;ARGS" ${ARGN})
    if(NOT TEST_TIMEOUT)
        set(TEST_TIMEOUT 120)
    endif()
    if(NOT TEST_LABELS)
        set(TEST_LABELS unit)
    endif()
    string(REPLACE "." "_" target "${TEST_NAME}")
    add_executable(${target} ${TEST_SOURCES})
    target_link_libraries(${target} PRIVATE ${TEST_DEPENDS} deed_flags GTest::gtest_main GTest::gmock)
    add_test(NAME ${TEST_NAME} COMMAND ${target} ${TEST_ARGS})
    set_tests_properties(${TEST_NAME} PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT ${TEST_TIMEOUT})
endfunction()

# deed_fuzzer(NAME fuzz.csv SOURCES ... DEPENDS ...): a libFuzzer target in the fuzz preset, and in
# every other preset a plain program that runs the seed corpus, so that it cannot rot.
function(deed_fuzzer)
    cmake_parse_arguments(FUZZ "" "NAME" "SOURCES;DEPENDS" ${ARGN})
    string(REPLACE "." "_" target "${FUZZ_NAME}")
    if(DEED_SANITIZER STREQUAL "fuzz")
        add_executable(${target} ${FUZZ_SOURCES})
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    else()
        add_executable(${target} ${FUZZ_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc)
        add_test(NAME ${FUZZ_NAME} COMMAND ${target} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${FUZZ_NAME})
        set_tests_properties(${FUZZ_NAME} PROPERTIES LABELS "fuzz")
    endif()
    target_link_libraries(${target} PRIVATE ${FUZZ_DEPENDS} deed_flags)
endfunction()
