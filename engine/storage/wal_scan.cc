#include "engine/storage/internal/wal_scan.h"

#include <algorithm>
#include <cstring>

#include "engine/storage/internal/crc32c.h"

namespace deed::storage {

namespace {

constexpr size_t kBlockBytes = 32768;
constexpr size_t kFrameBytes = 7;  // checksum 4, length 2, type 1

enum FrameType : uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

// RocksDB stores checksums rotated and offset, so that a checksum of bytes that hold checksums
// stays useful.
uint32_t unmask(uint32_t masked) {
    const uint32_t rotated = masked - 0xA282EAD8U;
    return (rotated >> 17) | (rotated << 15);
}

size_t without_frames(size_t offset) {
    // Every block before this place and, unless it is a block's start, this block lost one frame.
    const size_t blocks = offset / kBlockBytes;
    const size_t inside = offset % kBlockBytes;
    return blocks * (kBlockBytes - kFrameBytes) + (inside > kFrameBytes ? inside - kFrameBytes : 0);
}

struct Frame {
    uint8_t type = kZero;
    size_t next = 0;  // where the frame behind this one begins
    const char* fault = nullptr;
};

Frame read_frame(std::string_view file, size_t at) {
    Frame frame;
    if (file.size() - at < kFrameBytes) {
        frame.fault = "a frame header is cut short";
        return frame;
    }
    uint32_t masked = 0;
    uint16_t length = 0;
    std::memcpy(&masked, file.data() + at, 4);
    std::memcpy(&length, file.data() + at + 4, 2);
    frame.type = static_cast<uint8_t>(file[at + 6]);
    const size_t end = at + kFrameBytes + length;
    if (frame.type < kFull || frame.type > kLast) {
        frame.fault =
            frame.type == kZero ? "zeros where a record should begin" : "an unknown type of frame";
    } else if (at % kBlockBytes + kFrameBytes + length > kBlockBytes) {
        frame.fault = "a frame is longer than its block";
    } else if (end > file.size()) {
        frame.fault = "a record is cut short";
    } else if (crc32c(file.substr(at + 6, 1 + length)) != unmask(masked)) {
        frame.fault = "checksum mismatch";
    }
    frame.next = end;
    return frame;
}

// Whether the bytes up to the next block are the filling that follows a record which left too
// little room for another frame header.
bool at_filling(size_t at) {
    return kBlockBytes - at % kBlockBytes < kFrameBytes;
}

// What a record holds begins with the sequence number of its first change.
uint64_t sequence_of(std::string_view bytes, size_t record) {
    const size_t begin = without_frames(record + kFrameBytes);
    uint64_t sequence = 0;
    if (begin + sizeof(sequence) <= bytes.size())
        std::memcpy(&sequence, bytes.data() + begin, sizeof(sequence));
    return sequence;
}

}  // namespace

WalScan scan_wal(std::string_view file) {
    WalScan scan;
    scan.bytes.reserve(file.size());
    for (size_t block = 0; block < file.size(); block += kBlockBytes) {
        const std::string_view part = file.substr(block, kBlockBytes);
        if (part.size() > kFrameBytes) scan.bytes.append(part.substr(kFrameBytes));
    }
    size_t at = 0;
    size_t record = 0;  // where the record that is being read begins
    bool inside = false;
    const auto damaged = [&](const char* what) {
        scan.damage_offset = record;
        scan.damage = what;
    };
    while (at < file.size()) {
        if (at_filling(at)) {
            at += kBlockBytes - at % kBlockBytes;
            continue;
        }
        if (!inside) record = at;
        const Frame frame = read_frame(file, at);
        if (frame.fault != nullptr) {
            damaged(frame.fault);
            break;
        }
        const bool starts = frame.type == kFull || frame.type == kFirst;
        if (starts == inside) {
            damaged("a piece of a record is missing");
            break;
        }
        inside = frame.type == kFirst || frame.type == kMiddle;
        at = frame.next;
        if (inside) continue;
        const uint64_t sequence = sequence_of(scan.bytes, record);
        if (sequence < scan.last_sequence) {
            damaged("a record is older than the one before it");
            scan.out_of_order = true;
            break;
        }
        if (scan.first_sequence == 0) scan.first_sequence = sequence;
        scan.last_sequence = sequence;
    }
    if (inside && !scan.damage_offset) damaged("a record is cut short");
    scan.intact =
        std::min(scan.bytes.size(), without_frames(scan.damage_offset.value_or(file.size())));
    return scan;
}

}  // namespace deed::storage
