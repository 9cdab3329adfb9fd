// Prints vectors/crypto/go-tlog.json: what golang.org/x/mod/sumdb/tlog computes over the leaves "leaf 0", "leaf 1", …
// For each size: the root, and SHA-256 over all inclusion proofs (by index) and all consistency proofs (by older size),
// each proof as one byte with its number of hashes, then the hashes.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run tests/peers/go/tlog-vectors/main.go > vectors/crypto/go-tlog.json
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"os"

	"golang.org/x/mod/sumdb/tlog"
)

const largest = 130

type storage []tlog.Hash

func (s storage) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = s[index]
	}
	return hashes, nil
}

type size struct {
	Size        int64  `json:"size"`
	Root        string `json:"root"`
	Inclusion   string `json:"inclusion"`
	Consistency string `json:"consistency"`
}

func add(digest hash.Hash, proof []tlog.Hash) {
	digest.Write([]byte{byte(len(proof))})
	for _, h := range proof {
		digest.Write(h[:])
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	var stored storage
	var sizes []size
	for n := int64(1); n <= largest; n++ {
		leaf := []byte(fmt.Sprintf("leaf %d", n-1))
		stored = append(stored, must(tlog.StoredHashes(n-1, leaf, stored))...)
		root := must(tlog.TreeHash(n, stored))
		inclusion, consistency := sha256.New(), sha256.New()
		for index := int64(0); index < n; index++ {
			add(inclusion, must(tlog.ProveRecord(n, index, stored)))
		}
		for older := int64(1); older <= n; older++ {
			add(consistency, must(tlog.ProveTree(n, older, stored)))
		}
		sizes = append(sizes, size{n, hex.EncodeToString(root[:]), hex.EncodeToString(inclusion.Sum(nil)), hex.EncodeToString(consistency.Sum(nil))})
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(map[string]any{"source": "golang.org/x/mod/sumdb/tlog, by tests/peers/go/tlog-vectors", "sizes": sizes}); err != nil {
		panic(err)
	}
}
