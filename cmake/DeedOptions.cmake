# How everything is compiled. Each flag that is off by default in gcc has its reason beside it.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Dev)
endif()
set(DEED_SANITIZER "" CACHE STRING "empty, asan (with UBSan), tsan or fuzz")

set(CMAKE_CXX_FLAGS_DEV "-O1 -g1 -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -DNDEBUG -fno-plt")

add_library(deed_flags INTERFACE)
target_include_directories(deed_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(deed_flags INTERFACE
    -Wall -Wextra -Werror -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual
    # clang knows only the wider warning, which minds parameters named as members are.
    $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>
    # Options structs with designated initializers leave the other members at their defaults; that
    # is what they are for.
    -Wno-missing-field-initializers
    # Every x86-64 server since 2013 has these; wider vectors are chosen at run time.
    -march=x86-64-v2
    -fstack-protector-strong -fcf-protection)
target_compile_definitions(deed_flags INTERFACE _GLIBCXX_ASSERTIONS)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_definitions(deed_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
target_link_options(deed_flags INTERFACE -Wl,-z,relro -Wl,-z,now)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # gcc 12 sees dangling or overflowing accesses in inlined std::string and std::variant code that
    # cannot happen (GCC bugs 105329, 105651).
    target_compile_options(deed_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()

if(DEED_SANITIZER STREQUAL "asan")
    target_compile_options(deed_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all)
    target_link_options(deed_flags INTERFACE -fsanitize=address,undefined)
elseif(DEED_SANITIZER STREQUAL "tsan")
    # -Wno-tsan: library headers use fences, which ThreadSanitizer does not model; our code has none.
    target_compile_options(deed_flags INTERFACE -fsanitize=thread -Wno-tsan)
    target_link_options(deed_flags INTERFACE -fsanitize=thread)
elseif(DEED_SANITIZER STREQUAL "fuzz")
    target_compile_options(deed_flags INTERFACE -fsanitize=address,undefined,fuzzer-no-link)
    target_link_options(deed_flags INTERFACE -fsanitize=address,undefined)
endif()
