// Package subgraph is what a GraphQL subgraph in Go needs to believe its gateway: a middleware that lets through only
// requests that the gateway signed for this subgraph, and that puts the caller into the context.
//
//	verify, err := subgraph.New(subgraph.Config{
//		Name: "reviews",
//		Keys: []subgraph.Key{{ID: "2026-11", Key: derivedKey}},
//	})
//	http.Handle("/graphql", verify.Middleware(handler))
//
// The key comes from "gatehouse keys derive --subgraph reviews". In a resolver:
//
//	caller, ok := subgraph.CallerFrom(ctx)
//	claims, err := subgraph.Claims[MyClaims](ctx)
//
// The formats are described in docs/signing.md.
package subgraph

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

// Key is a key with its id.
type Key struct {
	// ID is the id of the gateway's secret, from which the key is derived.
	ID string
	// Key has at least 32 bytes.
	Key []byte

	err error // of DeriveKeys
}

// DeriveKeys returns the keys of a subgraph, derived from the gateway's own secrets. It is for a subgraph that is trusted
// with them; others are given their derived keys, with which they can pretend to be the gateway only to themselves. What is
// wrong with a secret is reported by New.
func DeriveKeys(subgraph string, secrets ...Key) []Key {
	keys := make([]Key, len(secrets))
	for i, s := range secrets {
		derived, err := signature.Secret{Bytes: s.Key}.Derive(subgraph)
		keys[i] = Key{ID: s.ID, Key: derived, err: err}
	}
	return keys
}

// Requirement says which signature a request must have.
type Requirement uint8

// The signatures that can be required.
const (
	// MessageSignature covers body, identity, audience, time and nonce.
	MessageSignature Requirement = iota
	// ExtensionSignature covers query and variables, with numbers as doubles: not who is asking, not when, not whom.
	ExtensionSignature
	// Either takes a request with an extension signature alone as well. A message signature, where there is one, must verify.
	Either
)

// Config says what is let through. Name and Keys are needed, the zero value of the rest is a good one.
type Config struct {
	// Name is the audience: the subgraph's name in the supergraph, as in @join__graph(name:).
	Name string
	// Keys are the derived keys of this subgraph. While a key is replaced there are two.
	Keys []Key
	// ExtensionKeys are for extension signatures: the shared secrets, not derived. With ExtensionSignature, Keys when empty.
	ExtensionKeys []Key
	// Require is MessageSignature when nothing is said.
	Require Requirement
	// SessionPrefix is what names of session headers start with; "x-session-" when empty.
	SessionPrefix string
	// ExtensionsFieldName is the extension with the identity; "jwt" when empty.
	ExtensionsFieldName string
	// ExtensionName is the extension with the extension signature; "hmac-signature" when empty.
	ExtensionName string
	// MaxBody is the largest body in bytes; 8 MiB when 0.
	MaxBody int64
	// ClockSkew is how far the gateway's clock may be ahead; 5s when 0, at most 30s.
	ClockSkew time.Duration
	// Replay remembers nonces; a NewNonceCache(0) when nil. Several processes behind one address need a shared one.
	Replay ReplayCache
	// Skip tells which requests need no signature, such as health checks. They lose their session headers, and
	// extensions.jwt where the body is a JSON object, and have no caller.
	Skip func(*http.Request) bool
	// OnReject is called for each request that is refused, before it is answered. The error is an *Error. What it says beyond
	// its code is for logs, since it helps a forger.
	OnReject func(*http.Request, error)
	// OnAccept is called for each request that is let through as signed.
	OnAccept func(*http.Request)
	// TrustUnsignedIdentity makes a caller of what a request with an extension signature alone says about its caller. That
	// signature does not cover the identity, nor session headers: whoever has seen one signed request, and there is no end to
	// how long ago that may have been, can send it again as anybody. Set it only where nobody but the gateway can reach the
	// subgraph, and then only until the gateway signs messages.
	TrustUnsignedIdentity bool
}

// Verifier lets signed requests through. It is safe for concurrent use.
type Verifier struct {
	config        Config
	message       *signature.Verifier // nil when only extension signatures count
	extensionKeys []*signature.Key
}

// maxSkew keeps the time for which nonces have to be remembered short.
const maxSkew = 30 * time.Second

// New returns a Verifier. The error says everything that is wrong with the configuration.
func New(config Config) (*Verifier, error) {
	config = withDefaults(config)
	v := &Verifier{config: config}
	keys, problems := makeKeys("Keys", config.Keys)
	extensionKeys, more := makeKeys("ExtensionKeys", config.ExtensionKeys)
	problems = append(problems, more...)
	switch config.Require {
	case MessageSignature:
	case ExtensionSignature:
		if len(config.ExtensionKeys) == 0 {
			extensionKeys = keys
		}
		keys = nil
		fallthrough
	case Either:
		if len(extensionKeys) == 0 && len(problems) == 0 {
			problems = append(problems, errors.New("ExtensionKeys is empty"))
		}
		v.extensionKeys = extensionKeys
	default:
		problems = append(problems, fmt.Errorf("no signature is called %d in Require", config.Require))
	}
	if config.ClockSkew < 0 || config.ClockSkew > maxSkew {
		problems = append(problems, fmt.Errorf("ClockSkew is %s, and not between 0s and %s", config.ClockSkew, maxSkew))
	}
	if strings.EqualFold(config.ExtensionsFieldName, config.ExtensionName) {
		problems = append(problems, errors.New("ExtensionsFieldName and ExtensionName are the same"))
	}
	if config.MaxBody < 0 {
		problems = append(problems, fmt.Errorf("MaxBody is %d", config.MaxBody))
	}
	if config.Require != ExtensionSignature && len(problems) == 0 {
		var err error
		v.message, err = signature.NewVerifier(signature.VerifierConfig{
			Subgraph: config.Name, Keys: keys, SessionPrefix: config.SessionPrefix, ClockSkew: config.ClockSkew,
		})
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("subgraph %q: %w", config.Name, err)
	}
	return v, nil
}

func withDefaults(c Config) Config {
	c.SessionPrefix = strings.ToLower(c.SessionPrefix)
	setDefault(&c.SessionPrefix, "x-session-")
	setDefault(&c.ExtensionsFieldName, "jwt")
	setDefault(&c.ExtensionName, "hmac-signature")
	setDefault(&c.MaxBody, 8<<20)
	setDefault(&c.ClockSkew, 5*time.Second)
	if c.Replay == nil {
		c.Replay = NewNonceCache(0)
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func makeKeys(field string, from []Key) (keys []*signature.Key, problems []error) {
	for i, k := range from {
		key, err := signature.NewKey(signature.KeyID(k.ID), k.Key)
		if k.err != nil {
			err = k.err
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s[%d]: %w", field, i, err))
		}
		keys = append(keys, key)
	}
	return keys, problems
}
