package shop

import graphql "github.com/graph-gophers/graphql-go"

// medium resolves the interface Media, and in reviews the interface object of that name. A nil
// medium is neither a book nor a film. The fields of the reviews subgraph are in reviews.go.
type medium struct {
	view   view
	record *mediaRecord
}

func (v view) medium(id string) *medium { return v.asMedium(v.store.medium(id)) }

func (v view) asMedium(record *mediaRecord) *medium {
	if record == nil {
		return nil
	}
	return &medium{v, record}
}

func (m *medium) ID() graphql.ID { return graphql.ID(m.record.id) }
func (m *medium) Title() string  { return m.record.title }
func (m *medium) Year() *int32   { return m.record.year }

func (m *medium) ToBook() (*book, bool) {
	if m == nil || m.record.kind != "BOOK" {
		return nil, false
	}
	return &book{m}, true
}

func (m *medium) ToFilm() (*film, bool) {
	if m == nil || m.record.kind != "FILM" {
		return nil, false
	}
	return &film{m}, true
}

// book resolves Book.
type book struct{ *medium }

func (b *book) Author() string { return *b.record.creator }
func (b *book) Pages() *int32  { return b.record.length }

// film resolves Film.
type film struct{ *medium }

func (f *film) Director() *string { return f.record.creator }
func (f *film) Minutes() int32    { return *f.record.length }
