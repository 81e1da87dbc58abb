package sqlite

import "encoding/binary"

// filter tells of most hashes that they are not in a segment: a Bloom filter
// whose bits of one hash lie in one block of 64 bytes, a line of the CPU's
// cache. (B. H. Bloom, CACM 13 (1970) 422; in blocks: F. Putze, P. Sanders,
// J. Singler, Journal of Experimental Algorithmics 14 (2009).) It is kept as
// bytes, as the database has it.
type filter []byte

const (
	filterBits  = 16 // a hash: about one in a thousand is not told apart
	blockBytes  = 64
	filterProbe = 8 // bits of each hash
)

func newFilter(hashes int) filter {
	return make(filter, (hashes*filterBits/8/blockBytes+1)*blockBytes)
}

// mix spreads a hash anew, for the block and for the bits in it.
func mix(h uint64) uint64 {
	h ^= h >> 31
	h *= 0x9e3779b97f4a7c15
	return h ^ h>>29
}

func (f filter) block(hash int64) (block []byte, bits uint64) {
	h := uint64(hash)
	blocks := uint64(len(f) / blockBytes)
	at := (h >> 32) * blocks >> 32 * blockBytes
	return f[at : at+blockBytes : at+blockBytes], mix(h)
}

func (f filter) add(hash int64) {
	block, bits := f.block(hash)
	for range filterProbe {
		bit := bits & 511
		block[bit>>3] |= 1 << (bit & 7)
		bits = bits>>9 | bits<<55
	}
}

func (f filter) has(hash int64) bool {
	block, bits := f.block(hash)
	for range filterProbe {
		bit := bits & 511
		if block[bit>>3]&(1<<(bit&7)) == 0 {
			return false
		}
		bits = bits>>9 | bits<<55
	}
	return true
}

func putInts(to []byte, v ...int64) []byte {
	for _, v := range v {
		to = binary.LittleEndian.AppendUint64(to, uint64(v))
	}
	return to
}

func intAt(from []byte, i int) int64 { return int64(binary.LittleEndian.Uint64(from[8*i:])) }
