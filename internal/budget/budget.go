// Package budget bounds the memory that many requests hold at the same time.
package budget

import "sync/atomic"

// Budget is an amount of memory that many share. It is safe for concurrent use.
type Budget struct {
	limit int64
	used  atomic.Int64
	of    *Budget // what this is a share of; nil for none
}

// New returns a budget of so many bytes.
func New(bytes int64) *Budget { return &Budget{limit: bytes} }

// Share returns a budget of so many bytes that are taken from b: what one kind of holders may have of it at most.
func (b *Budget) Share(bytes int64) *Budget { return &Budget{limit: bytes, of: b} }

// take takes bytes from b and what it is a share of; false, and nothing is taken, when one of them does not have them.
func (b *Budget) take(bytes int64) bool {
	if b.used.Add(bytes) <= b.limit && (b.of == nil || b.of.take(bytes)) {
		return true
	}
	b.used.Add(-bytes)
	return false
}

// giveBack is the opposite of take.
func (b *Budget) giveBack(bytes int64) {
	for ; b != nil; b = b.of {
		b.used.Add(-bytes)
	}
}

// Used returns how many bytes are held.
func (b *Budget) Used() int64 { return b.used.Load() }

// Free is how much a lease holds without being counted, so that what is small costs nothing.
const Free = 64 << 10

// step is in which amounts leases take memory.
const step = 64 << 10

// Lease is what one holder has of a budget. The zero value is a lease of an endless budget. It belongs to one goroutine.
type Lease struct {
	budget *Budget
	held   int64
}

// Lease returns a lease that holds nothing yet; b may be nil, which is endless.
func (b *Budget) Lease() Lease { return Lease{budget: b} }

// Hold raises what the lease holds to so many bytes; one that holds more keeps it. It returns false, and changes nothing, when
// the budget does not have them.
func (l *Lease) Hold(bytes int64) bool {
	if bytes <= Free || bytes <= l.held || l.budget == nil {
		return true
	}
	bytes = (bytes + step - 1) / step * step
	if !l.budget.take(bytes - l.held) {
		return false
	}
	l.held = bytes
	return true
}

// Release gives everything back. The lease can be used again.
func (l *Lease) Release() {
	if l.held > 0 {
		l.budget.giveBack(l.held)
		l.held = 0
	}
}
