#pragma once

namespace deed::value::internal {

/// Wide enough for any product of two 64-bit numbers. Both compilers have it; the standard does
/// not.
__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

}  // namespace deed::value::internal
