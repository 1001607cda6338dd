#pragma once

// The graph room decides the layout; what other rooms may rely on is this:
//
// class PropertyRecord {  // immutable, variable length, allocated in a shard's arena
//    CommitTs ts() const;
//    value::Value get(PropertyKeyId, const ShapeTable&) const;    // null where absent
//    template <class F> void for_each(const ShapeTable&, F&&) const;  // F(PropertyKeyId, value::Value), keys ascending
//    // typed, allocation-free reads for scans: shape() and slot offsets by ShapeTable
// };
// NodeRecord adds LabelSetId labels(); EdgeRecord is the same without labels.
