package authz

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"time"

	"github.com/maypok86/otter/v2"
)

// policyEntries bounds how many decisions are remembered.
const policyEntries = 10_000

// policyCache remembers what a source decided, for a time. Errors are not remembered.
type policyCache struct {
	source  Policy
	entries *otter.Cache[[sha256.Size]byte, []string]
}

// newPolicyCache returns the source itself when nothing is to be remembered.
func newPolicyCache(source Policy, ttl time.Duration) Policy {
	if ttl <= 0 {
		return source
	}
	return &policyCache{source, otter.Must(&otter.Options[[sha256.Size]byte, []string]{
		MaximumSize:      policyEntries,
		ExpiryCalculator: otter.ExpiryWriting[[sha256.Size]byte, []string](ttl),
	})}
}

// Decide implements Policy.
func (c *policyCache) Decide(ctx context.Context, caller Identity, names []string) ([]string, error) {
	key := policyKey(caller, names)
	if granted, ok := c.entries.GetIfPresent(key); ok {
		return granted, nil
	}
	granted, err := c.source.Decide(ctx, caller, names)
	if err == nil {
		granted = ofThose(granted, names) // of an answer of any length only what was asked is kept
		c.entries.Set(key, granted)
	}
	return granted, err
}

// policyKey returns a hash of all that a decision depends on: of the caller, never the subject alone but the token, the
// claims and who vouches for them, or that it is anonymous or an administrator; and of the names.
func policyKey(caller Identity, names []string) [sha256.Size]byte {
	h := sha256.New()
	state := "anonymous"
	if caller.Authenticated() {
		state = "caller"
	}
	if caller.Admin {
		state = "administrator"
	}
	for _, part := range []string{state, caller.Provider, caller.Token, string(caller.Claims())} {
		hashPart(h, part)
	}
	for _, name := range names {
		hashPart(h, name)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// hashPart adds a text and its length, so that no two lists of texts are the same.
func hashPart(h hash.Hash, part string) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(part)))
	h.Write(length[:])
	h.Write([]byte(part))
}
