package shop

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// Store holds the data of one shop. Two new stores are equal, and equal mutations in equal order keep them so:
// ids are counted, and nothing depends on time or chance. A Store is safe for concurrent use.
type Store struct {
	mu         sync.RWMutex
	users      []*userRecord
	products   []*productRecord
	media      []*mediaRecord
	reviews    []*reviewRecord
	replies    []*replyRecord
	warehouses []*warehouseRecord
	stock      []*stockRecord
	sequence   int // of the last post
	reviewed   int // reviews ever made
	replied    int // replies ever made
}

// NewStore returns a store with the initial data set.
func NewStore() *Store {
	s := &Store{
		users: initialUsers(), products: initialProducts(), media: initialMedia(),
		reviews: initialReviews(), replies: initialReplies(), warehouses: initialWarehouses(), stock: initialStock(),
	}
	s.reviewed, s.replied = len(s.reviews), len(s.replies)
	s.sequence = s.reviewed + s.replied
	return s
}

// find returns the first record for which the predicate holds, or nil.
func find[T any](s *Store, records *[]*T, is func(*T) bool) *T {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if i := slices.IndexFunc(*records, is); i >= 0 {
		return (*records)[i]
	}
	return nil
}

// filter returns the records for which the predicate holds, in their order, never nil.
func filter[T any](s *Store, records *[]*T, is func(*T) bool) []*T {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := []*T{}
	for _, record := range *records {
		if is(record) {
			found = append(found, record)
		}
	}
	return found
}

// change stores a changed copy of the first record for which the predicate holds, and returns it; nil if there is none.
func change[T any](s *Store, records *[]*T, is func(*T) bool, edit func(*T)) *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(*records, is)
	if i < 0 {
		return nil
	}
	changed := *(*records)[i]
	edit(&changed)
	*records = slices.Clone(*records)
	(*records)[i] = &changed
	return &changed
}

func all[T any](*T) bool { return true }

func (s *Store) user(id string) *userRecord {
	return find(s, &s.users, func(u *userRecord) bool { return u.id == id })
}

func (s *Store) product(upc string) *productRecord {
	return find(s, &s.products, func(p *productRecord) bool { return p.upc == upc })
}

func (s *Store) productBySKU(sku string) *productRecord {
	return find(s, &s.products, func(p *productRecord) bool { return p.sku == sku })
}

func (s *Store) medium(id string) *mediaRecord {
	return find(s, &s.media, func(m *mediaRecord) bool { return m.id == id })
}

func (s *Store) review(id string) *reviewRecord {
	return find(s, &s.reviews, func(r *reviewRecord) bool { return r.id == id })
}

func (s *Store) warehouse(id string) *warehouseRecord {
	return find(s, &s.warehouses, func(w *warehouseRecord) bool { return w.id == id })
}

func (s *Store) stockItem(warehouse, upc string) *stockRecord {
	return find(s, &s.stock, func(i *stockRecord) bool { return i.warehouse == warehouse && i.upc == upc })
}

// addReview stores a review, whose id, date and place in the feed it sets.
func (s *Store) addReview(review reviewRecord) *reviewRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reviewed++
	s.sequence++
	review.id, review.date, review.sequence = strconv.Itoa(s.reviewed), today, s.sequence
	s.reviews = append(slices.Clone(s.reviews), &review)
	return &review
}

// addReply stores a reply, whose id and place in the feed it sets; nil if there is no such review.
func (s *Store) addReply(reply replyRecord) *replyRecord {
	if s.review(reply.review) == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replied++
	s.sequence++
	reply.id, reply.sequence = fmt.Sprintf("reply-%d", s.replied), s.sequence
	s.replies = append(slices.Clone(s.replies), &reply)
	return &reply
}

// deleteReview removes a review and its replies, and reports whether there was one.
func (s *Store) deleteReview(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := slices.DeleteFunc(slices.Clone(s.reviews), func(r *reviewRecord) bool { return r.id == id })
	if len(kept) == len(s.reviews) {
		return false
	}
	s.reviews = kept
	s.replies = slices.DeleteFunc(slices.Clone(s.replies), func(r *replyRecord) bool { return r.review == id })
	return true
}

// setStock stores how many pieces of a product a warehouse has; nil if it does not know the one or the other.
func (s *Store) setStock(item stockRecord) *stockRecord {
	if s.warehouse(item.warehouse) == nil || s.product(item.upc) == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	same := func(i *stockRecord) bool { return i.warehouse == item.warehouse && i.upc == item.upc }
	s.stock = append(slices.DeleteFunc(slices.Clone(s.stock), same), &item)
	slices.SortFunc(s.stock, func(a, b *stockRecord) int {
		return cmp.Or(cmp.Compare(a.warehouse, b.warehouse), cmp.Compare(a.upc, b.upc))
	})
	return &item
}
