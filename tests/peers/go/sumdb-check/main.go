// Checks a served log, or one written to a directory, with Go's checksum-database packages, which know nothing of ours:
// the checkpoint's signatures (sumdb/note), and inclusion and consistency proofs derived from tiles (sumdb/tlog). The
// packages name tiles tile/8/L/N and tile/8/data/N where C2SP tlog-tiles has tile/L/N and tile/entries/N.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run main.go -vkey VKEY [-cosigner VKEY] [-older FILE] URL-OR-DIRECTORY
//
// Every key given must have signed. It prints one line of JSON with what it checked, or one sentence and exits with 1.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type list []string

func (l *list) String() string         { return strings.Join(*l, " ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

type report struct {
	Origin       string `json:"origin"`
	Size         int64  `json:"size"`
	Root         string `json:"root"`
	Signatures   int    `json:"signatures"`
	Inclusions   int    `json:"inclusions"`
	Consistency  int    `json:"consistency"`
	Entries      int    `json:"entries"`
	OlderChecked bool   `json:"olderChecked"`
}

func main() {
	var vkeys, cosigners list
	flag.Var(&vkeys, "vkey", "a log key that must have signed the checkpoint (repeatable)")
	flag.Var(&cosigners, "cosigner", "a cosigner's key that must have cosigned it (repeatable)")
	older := flag.String("older", "", "a file with an earlier checkpoint that the log must continue")
	samples := flag.Int64("samples", 50, "how many leaves to prove, beside those at the edges of tiles")
	entries := flag.Bool("entries", true, "also read entry bundles and hash their entries")
	flag.Parse()
	if flag.NArg() != 1 || len(vkeys) == 0 {
		flag.Usage()
		os.Exit(2)
	}
	result, err := check(strings.TrimRight(flag.Arg(0), "/"), vkeys, cosigners, *older, *samples, *entries)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(result)
}

func check(base string, vkeys, cosigners list, older string, samples int64, entries bool) (*report, error) {
	verifiers, err := allVerifiers(vkeys, cosigners)
	if err != nil {
		return nil, err
	}
	text, err := read(base, "checkpoint")
	if err != nil {
		return nil, err
	}
	origin, tree, err := openCheckpoint(text, verifiers)
	if err != nil {
		return nil, err
	}
	result := &report{Origin: origin, Size: tree.N, Root: tree.Hash.String(), Signatures: len(verifiers)}
	if tree.N == 0 {
		return result, nil
	}
	reader := tlog.TileHashReader(tree, tiles{base})
	for _, index := range spread(tree.N-1, samples) {
		if err := checkLeaf(base, reader, tree, index, entries); err != nil {
			return nil, fmt.Errorf("leaf %d: %w", index, err)
		}
		result.Inclusions++
		if entries {
			result.Entries++
		}
	}
	for _, size := range spread(tree.N, samples/5) {
		if size == 0 {
			continue
		}
		if _, err := checkOlder(reader, tree, size); err != nil {
			return nil, fmt.Errorf("tree of size %d: %w", size, err)
		}
		result.Consistency++
	}
	if older != "" {
		text, err := os.ReadFile(older)
		if err != nil {
			return nil, err
		}
		oldOrigin, oldTree, err := openCheckpoint(text, verifiers)
		if err != nil {
			return nil, fmt.Errorf("older checkpoint: %w", err)
		}
		if oldOrigin != origin || oldTree.N > tree.N {
			return nil, errors.New("the older checkpoint is of another log or not older")
		}
		hash, err := checkOlder(reader, tree, oldTree.N)
		if err != nil {
			return nil, err
		}
		if hash != oldTree.Hash {
			return nil, errors.New("the log does not continue the older checkpoint")
		}
		result.OlderChecked = true
	}
	return result, nil
}

func checkLeaf(base string, reader tlog.HashReader, tree tlog.Tree, index int64, entries bool) error {
	hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	if err != nil {
		return err
	}
	proof, err := tlog.ProveRecord(tree.N, index, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, hashes[0]); err != nil {
		return err
	}
	if !entries {
		return nil
	}
	entry, err := readEntry(base, tree.N, index)
	if err != nil {
		return err
	}
	if tlog.RecordHash(entry) != hashes[0] {
		return errors.New("the entry in the bundle has another hash")
	}
	return nil
}

func checkOlder(reader tlog.HashReader, tree tlog.Tree, size int64) (tlog.Hash, error) {
	hash, err := tlog.TreeHash(size, reader)
	if err != nil {
		return hash, err
	}
	proof, err := tlog.ProveTree(tree.N, size, reader)
	if err != nil {
		return hash, err
	}
	return hash, tlog.CheckTree(proof, tree.N, tree.Hash, size, hash)
}

// spread gives the numbers from 0 to largest where tiles begin and end, the ends, and some evenly between.
func spread(largest, count int64) []int64 {
	wanted := map[int64]bool{0: true, largest: true}
	for _, edge := range []int64{1, 2, 3, 255, 256, 257, 511, 512, 65535, 65536, 65537, largest - 1, largest / 256 * 256} {
		wanted[edge] = true
	}
	for i := int64(1); i < count; i++ {
		wanted[largest/count*i] = true
	}
	var numbers []int64
	for number := range wanted {
		if number >= 0 && number <= largest {
			numbers = append(numbers, number)
		}
	}
	sort.Slice(numbers, func(i, j int) bool { return numbers[i] < numbers[j] })
	return numbers
}

type tiles struct{ base string }

func (t tiles) Height() int                         { return 8 }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(wanted))
	for i, tile := range wanted {
		bytes, err := read(t.base, "tile/"+strings.TrimPrefix(tile.Path(), "tile/8/"))
		if err != nil {
			return nil, err
		}
		data[i] = bytes
	}
	return data, nil
}

func readEntry(base string, size, index int64) ([]byte, error) {
	bundle := tlog.Tile{H: 8, L: -1, N: index / 256, W: 256}
	if rest := size - bundle.N*256; rest < 256 {
		bundle.W = int(rest)
	}
	data, err := read(base, "tile/entries/"+strings.TrimPrefix(bundle.Path(), "tile/8/data/"))
	if err != nil {
		return nil, err
	}
	for at := int64(0); ; at++ {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("the entry bundle ends early")
		}
		entry := data[2 : 2+int(binary.BigEndian.Uint16(data))]
		if at == index%256 {
			return entry, nil
		}
		data = data[2+len(entry):]
	}
}

func read(base, path string) ([]byte, error) {
	if !strings.HasPrefix(base, "http://") && !strings.HasPrefix(base, "https://") {
		return os.ReadFile(filepath.Join(base, filepath.FromSlash(path)))
	}
	response, err := http.Get(base + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return io.ReadAll(response.Body)
}

func openCheckpoint(text []byte, verifiers []note.Verifier) (string, tlog.Tree, error) {
	opened, err := note.Open(text, note.VerifierList(verifiers...))
	if err != nil {
		return "", tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(verifiers) {
		return "", tlog.Tree{}, fmt.Errorf("%d of %d keys signed the checkpoint", len(opened.Sigs), len(verifiers))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 {
		return "", tlog.Tree{}, errors.New("the checkpoint has too few lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return "", tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return lines[0], tlog.Tree{N: size, Hash: root}, err
}

func allVerifiers(vkeys, cosigners list) ([]note.Verifier, error) {
	var verifiers []note.Verifier
	for _, vkey := range vkeys {
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, err
		}
		verifiers = append(verifiers, verifier)
	}
	for _, vkey := range cosigners {
		verifier, err := newCosigner(vkey)
		if err != nil {
			return nil, err
		}
		verifiers = append(verifiers, verifier)
	}
	return verifiers, nil
}

// cosigner verifies C2SP cosignatures (type 0x04), which the note package leaves to its users.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed cosigner key")
	}
	material, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(material) != 33 || material[0] != 4 {
		return nil, errors.New("malformed cosigner key")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), material...))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("the cosigner key has another id")
	}
	return &cosigner{parts[0], hash, ed25519.PublicKey(material[1:])}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	var message bytes.Buffer
	fmt.Fprintf(&message, "cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(c.key, message.Bytes(), sig[8:])
}
