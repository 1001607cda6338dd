#pragma once

// The graph room decides the layout; what other rooms may rely on is this:
//
// class AdjacencyView {   // trivially copyable; valid while its snapshot is registered
//    uint32_t/uint64_t degree() const;                  // all types
//    uint64_t degree(TypeId) const;
//    bool empty() const;
//    uint32_t type_count() const;  TypeId type(i);      // the types present, ascending
//    // Contiguous runs, sorted by (type, neighbour, edge) throughout:
//    template <class F> void for_each_run(F&&) const;             // F(TypeId, std::span<const uint32_t> neighbours, std::span<const uint32_t> edges)
//    template <class F> void for_each_run(TypeId, F&&) const;     // F(neighbours, edges); F may return void or bool (false stops)
//    bool contains(TypeId, NodeId) const;                         // binary search over block minima, then inside
//    bool contains(TypeId, NodeId, EdgeId) const;
// };
