package sqlstore

import (
	"crypto/sha256"
	"encoding/binary"
)

// hashOf is a key in 64 bits, the same in every process, never 0. Who shares one
// on purpose slows himself down only: what a hash finds is compared in full.
func hashOf(key string) int64 {
	sum := sha256.Sum256([]byte(key))
	if h := int64(binary.LittleEndian.Uint64(sum[:])); h != 0 {
		return h
	}
	return 1
}
