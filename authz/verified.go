package authz

import (
	"crypto/sha256"
	"time"

	"github.com/maypok86/otter/v2"
)

const (
	// verifiedWeight bounds the cache of verified tokens, in bytes.
	verifiedWeight = 64 << 20
	// verifiedEntry is what an entry weighs beside its token and claims, and scopeWeight what a scope does, whose text is theirs.
	verifiedEntry = 1 << 10
	scopeWeight   = 16
)

// verifiedCache remembers tokens that were verified, by their SHA-256. Only what a provider signed gets in, so that nobody
// else can push entries out.
type verifiedCache struct {
	entries *otter.Cache[[sha256.Size]byte, *verified]
}

// verified is a token that was verified, and for how long that holds.
type verified struct {
	identity Identity
	by       *provider
	keys     *keySet // that it was verified with
}

// newVerifiedCache returns an empty cache.
func newVerifiedCache() *verifiedCache {
	return &verifiedCache{otter.Must(&otter.Options[[sha256.Size]byte, *verified]{
		MaximumWeight: verifiedWeight,
		Weigher:       func(_ [sha256.Size]byte, v *verified) uint32 { return v.weight() },
	})}
}

// weight returns about how many bytes an entry holds. The token counts twice, for what strings with escapes stand for, which is
// shorter, is not among the size of claims.
func (v *verified) weight() uint32 {
	id := &v.identity
	return uint32(verifiedEntry + 2*len(id.Token) + id.claims.Size() + scopeWeight*cap(id.scopes))
}

// digestOf returns the key of a token. Most tokens fit on the stack.
func digestOf(token string) [sha256.Size]byte {
	var short [2048]byte
	if len(token) <= len(short) {
		return sha256.Sum256(short[:copy(short[:], token)])
	}
	return sha256.Sum256([]byte(token))
}

// get returns what is known about a token, nil if it has to be verified. Nothing holds beyond the token's expiry, where
// clock tolerance is for verify to grant, or after a change of the provider's keys.
func (c *verifiedCache) get(key [sha256.Size]byte, now func() time.Time) *verified {
	v, ok := c.entries.GetIfPresent(key)
	if !ok {
		return nil
	}
	if v.keys != v.by.keys.current() || !v.identity.Expiry.IsZero() && !now().Before(v.identity.Expiry) {
		c.entries.Invalidate(key)
		return nil
	}
	return v
}

// put remembers a token.
func (c *verifiedCache) put(key [sha256.Size]byte, v *verified) { c.entries.Set(key, v) }
