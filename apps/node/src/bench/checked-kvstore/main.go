// CometBFT with its own key-value application, to which one thing is added: the signature of each transaction is checked
// once, by CometBFT's own Ed25519, before it may wait or be voted for. Everything else is the engine as it is released,
// the application in its process included. For the benchmark alone.
//
// A transaction is a compact JWS whose last dot is written "=", because the application takes key=value. Its keys are in
// the file that CHENGXIN_BENCH_KEYS names: JSON, from the header's kid to the public key in base64url.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/cometbft/cometbft/abci/example/kvstore"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/cmd/cometbft/commands"
	"github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/libs/cli"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
)

type checkedStore struct {
	*kvstore.Application
	keys map[string]ed25519.PubKey

	mutex sync.Mutex
	// Transactions that were found good here and stand in no block yet.
	good map[[sha256.Size]byte]struct{}
}

func (store *checkedStore) isGood(transaction []byte) bool {
	hash := sha256.Sum256(transaction)
	store.mutex.Lock()
	_, known := store.good[hash]
	store.mutex.Unlock()
	if known {
		return true
	}
	if !store.isSigned(transaction) {
		return false
	}
	store.mutex.Lock()
	store.good[hash] = struct{}{}
	store.mutex.Unlock()
	return true
}

func (store *checkedStore) isSigned(transaction []byte) bool {
	signed, last, found := bytes.Cut(transaction, []byte("="))
	if !found {
		return false
	}
	first, _, found := bytes.Cut(signed, []byte("."))
	if !found {
		return false
	}
	headerText := make([]byte, base64.RawURLEncoding.DecodedLen(len(first)))
	if _, err := base64.RawURLEncoding.Decode(headerText, first); err != nil {
		return false
	}
	var header struct{ Kid string }
	if err := json.Unmarshal(headerText, &header); err != nil {
		return false
	}
	signature := make([]byte, base64.RawURLEncoding.DecodedLen(len(last)))
	if _, err := base64.RawURLEncoding.Decode(signature, last); err != nil {
		return false
	}
	key, known := store.keys[header.Kid]
	return known && key.VerifySignature(signed, signature)
}

func (store *checkedStore) CheckTx(ctx context.Context, request *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	if !store.isGood(request.Tx) {
		return &abci.ResponseCheckTx{Code: kvstore.CodeTypeInvalidTxFormat, Log: "signature_invalid"}, nil
	}
	return store.Application.CheckTx(ctx, request)
}

func (store *checkedStore) ProcessProposal(
	ctx context.Context, request *abci.RequestProcessProposal,
) (*abci.ResponseProcessProposal, error) {
	for _, transaction := range request.Txs {
		if !store.isGood(transaction) {
			return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}, nil
		}
	}
	return store.Application.ProcessProposal(ctx, request)
}

func (store *checkedStore) FinalizeBlock(
	ctx context.Context, request *abci.RequestFinalizeBlock,
) (*abci.ResponseFinalizeBlock, error) {
	store.mutex.Lock()
	for _, transaction := range request.Txs {
		delete(store.good, sha256.Sum256(transaction))
	}
	store.mutex.Unlock()
	return store.Application.FinalizeBlock(ctx, request)
}

func readKeys(path string) (map[string]ed25519.PubKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var listed map[string]string
	if err := json.Unmarshal(text, &listed); err != nil {
		return nil, err
	}
	keys := make(map[string]ed25519.PubKey, len(listed))
	for kid, x := range listed {
		key, err := base64.RawURLEncoding.DecodeString(x)
		if err != nil || len(key) != ed25519.PubKeySize {
			return nil, fmt.Errorf("%s: the key of %s is not one of Ed25519", path, kid)
		}
		keys[kid] = key
	}
	return keys, nil
}

// As node.DefaultNewNode, but for the application.
func newNode(settings *config.Config, logger log.Logger) (*node.Node, error) {
	keys, err := readKeys(os.Getenv("CHENGXIN_BENCH_KEYS"))
	if err != nil {
		return nil, err
	}
	nodeKey, err := p2p.LoadOrGenNodeKey(settings.NodeKeyFile())
	if err != nil {
		return nil, err
	}
	store := &checkedStore{
		Application: kvstore.NewPersistentApplication(settings.DBDir()),
		keys:        keys,
		good:        map[[sha256.Size]byte]struct{}{},
	}
	return node.NewNode(settings,
		privval.LoadOrGenFilePV(settings.PrivValidatorKeyFile(), settings.PrivValidatorStateFile()),
		nodeKey,
		proxy.NewLocalClientCreator(store),
		node.DefaultGenesisDocProviderFunc(settings),
		config.DefaultDBProvider,
		node.DefaultMetricsProvider(settings.Instrumentation),
		logger,
	)
}

func main() {
	root := commands.RootCmd
	root.AddCommand(commands.NewRunNodeCmd(newNode))
	home := os.ExpandEnv(filepath.Join("$HOME", config.DefaultTendermintDir))
	if err := cli.PrepareBaseCmd(root, "CMT", home).Execute(); err != nil {
		os.Exit(1)
	}
}
