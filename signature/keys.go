package signature

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
)

// Sizes of keys.
const (
	// minKeyBytes is how long a secret must be.
	minKeyBytes = 32
	// maxKeyID is how long the name of a key may be.
	maxKeyID = 128
	// derivedInfo, followed by the name of the subgraph, is the info of the derivation.
	derivedInfo = "gatehouse message v1 "
)

// KeyID names a key: 1 to 128 printable ASCII characters. It is no secret.
type KeyID string

// Secret is a configured secret, from which the keys of subgraphs are derived.
type Secret struct {
	ID    KeyID
	Bytes []byte
	// VerifyOnly is set while verifiers still know the secret and nothing is signed with it any more.
	VerifyOnly bool
}

// ParseSecret decodes a secret as it stands in an environment variable or a file. The encoding is "utf8" (also when
// empty: the bytes of the text), "base64" (standard alphabet, padded) or "hex". White space around base64 and hex, and one
// line end after utf8, which editors add, do not count. The error, which does not tell the secret, is about the
// encoding or about fewer than 32 bytes.
func ParseSecret(text, encoding string) ([]byte, error) {
	var secret []byte
	var err error
	switch encoding {
	case "", "utf8":
		secret = []byte(strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"))
	case "base64":
		secret, err = base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(text))
	case "hex":
		secret, err = hex.DecodeString(strings.TrimSpace(text))
	default:
		return nil, fmt.Errorf("the encoding %q of a secret is none of utf8, base64 and hex", encoding)
	}
	if err != nil {
		return nil, fmt.Errorf("the secret is not %s", encoding) // the cause would quote a part of it
	}
	return secret, checkLength(secret)
}

func checkLength(secret []byte) error {
	if len(secret) < minKeyBytes {
		return fmt.Errorf("the secret has %d bytes, and at least %d are needed", len(secret), minKeyBytes)
	}
	return nil
}

// Choose returns the secret to sign with: the one with the id, or, when id is empty, the first that is not VerifyOnly.
// There is an error when there is none, or when the one with the id is VerifyOnly.
func Choose(secrets []Secret, id KeyID) (Secret, error) {
	for _, s := range secrets {
		switch {
		case id == "" && !s.VerifyOnly, id != "" && s.ID == id && !s.VerifyOnly:
			return s, nil
		case id != "" && s.ID == id:
			return Secret{}, fmt.Errorf("the key %q is for verifying only", id)
		}
	}
	if id != "" {
		return Secret{}, fmt.Errorf("there is no key %q", id)
	}
	return Secret{}, errors.New("there is no key to sign with: all are for verifying only")
}

// Derive returns the message key of one subgraph, 32 bytes: HKDF-SHA-256 (RFC 5869) of the secret, without salt, with
// the info "gatehouse message v1 " followed by the subgraph's name. Whoever has it can speak to this subgraph and to no
// other. The error is about a secret that is too short or a name that is empty.
func (s Secret) Derive(subgraph string) ([]byte, error) {
	if err := checkLength(s.Bytes); err != nil {
		return nil, err
	}
	if subgraph == "" {
		return nil, errors.New("a key cannot be derived for a subgraph without a name")
	}
	return hkdf.Key(sha256.New, s.Bytes, nil, derivedInfo+subgraph, sha256.Size)
}

// Key is an HMAC-SHA-256 key with its name. It is safe for concurrent use.
type Key struct {
	id   KeyID
	pool sync.Pool // of *state
}

// state is a keyed hash, which is used again, and room for what goes through it.
type state struct {
	mac hash.Hash
	sum [sha256.Size]byte
	buf []byte
	// nonce is here since what crypto/rand fills would be allocated each time.
	nonce [16]byte
}

// maxSpare bounds what a state keeps for the next use, so that one huge request does not stay in memory.
const maxSpare = 64 << 10

// NewKey returns a key. The error is about a secret of fewer than 32 bytes or an id that is not 1 to 128
// printable ASCII characters.
func NewKey(id KeyID, secret []byte) (*Key, error) {
	if err := id.Check(); err != nil {
		return nil, err
	}
	if err := checkLength(secret); err != nil {
		return nil, fmt.Errorf("key %s: %w", id, err)
	}
	return newKey(id, secret), nil
}

// Check returns what is wrong with the id.
func (id KeyID) Check() error {
	if id == "" || len(id) > maxKeyID || strings.ContainsFunc(string(id), func(r rune) bool { return r < ' ' || r > '~' }) {
		return fmt.Errorf("the key id %q is not 1 to %d printable ASCII characters", id, maxKeyID)
	}
	return nil
}

// newKey returns a key of any length.
func newKey(id KeyID, secret []byte) *Key {
	secret = append([]byte(nil), secret...)
	k := &Key{id: id}
	k.pool.New = func() any { return &state{mac: hmac.New(sha256.New, secret)} }
	return k
}

// ID returns the key's name.
func (k *Key) ID() KeyID { return k.id }

func (k *Key) get() *state { return k.pool.Get().(*state) }

func (k *Key) put(s *state) {
	if cap(s.buf) > maxSpare {
		s.buf = nil
	}
	k.pool.Put(s)
}

// sign returns the MAC of a text, which may come in parts. It is valid until the state is used again.
func (s *state) sign(text ...[]byte) []byte {
	s.mac.Reset()
	for _, part := range text {
		s.mac.Write(part)
	}
	return s.mac.Sum(s.sum[:0])
}

// AppendMAC appends the HMAC-SHA-256 of text, which may come in parts, in standard base64 with padding, 44 bytes: the value of
// the extension signature, when text is the canonical text of a request.
func (k *Key) AppendMAC(dst []byte, text ...[]byte) []byte {
	s := k.get()
	dst = base64.StdEncoding.AppendEncode(dst, s.sign(text...))
	k.put(s)
	return dst
}

// VerifyMAC tells whether mac is what AppendMAC appends for text. The time it takes does not depend on how much of mac
// is right.
func (k *Key) VerifyMAC(text []byte, mac string) bool {
	given, ok := decodeSum(mac)
	if !ok {
		return false
	}
	s := k.get()
	equal := hmac.Equal(s.sign(text), given[:])
	k.put(s)
	return equal
}

// encodedSum is how long the base64 of a SHA-256 value is.
const encodedSum = 44

// strictBase64 takes each value in one spelling only.
var strictBase64 = base64.StdEncoding.Strict()

// decodeSum decodes the base64 of 32 bytes.
func decodeSum(text string) (sum [sha256.Size]byte, ok bool) {
	// The decoder skips line ends, so the length alone does not say enough.
	if len(text) != encodedSum || strings.ContainsAny(text, "\r\n") {
		return sum, false
	}
	var from [encodedSum]byte
	var room [sha256.Size + 1]byte
	copy(from[:], text)
	n, err := strictBase64.Decode(room[:], from[:])
	copy(sum[:], room[:])
	return sum, err == nil && n == len(sum)
}
