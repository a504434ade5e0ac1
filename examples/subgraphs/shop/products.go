package shop

import (
	"cmp"
	"context"
	"slices"
	"strings"

	graphql "github.com/graph-gophers/graphql-go"

	"github.com/gatehouse-graphql/gatehouse/subgraph/federation"
)

// products is the root of the subgraph: what the shop sells.
type products struct {
	federation.Root[productsEntity]
	productsRoot
}

type productsEntity struct{ federation.Entity }

func (e *productsEntity) ToProduct() (*product, bool) { return federation.As[*product](e.Entity) }
func (e *productsEntity) ToBook() (*book, bool)       { return federation.As[*book](e.Entity) }
func (e *productsEntity) ToFilm() (*film, bool)       { return federation.As[*film](e.Entity) }

func (v view) productsEntities() []federation.Resolver {
	return []federation.Resolver{
		federation.Batch("Product", v.productsByKey),
		federation.Batch("Media", v.mediaByKey),
		federation.Batch("Book", booksOf(v)),
		federation.Batch("Film", filmsOf(v)),
	}
}

// productKey is the representation of a product: one of its keys, and what inventory and reviews require.
type productKey struct {
	UPC              *string     `json:"upc"`
	SKU              *graphql.ID `json:"sku"`
	Price            *int32      `json:"price"`
	Weight           *int32      `json:"weight"`
	Dimensions       *dimensions `json:"dimensions"`
	ShippingEstimate *int32      `json:"shippingEstimate"`
}

func (v view) productsByKey(_ context.Context, keys []productKey) ([]*product, error) {
	return each(keys, func(key productKey) *product {
		var found *product
		switch {
		case key.UPC != nil:
			found = v.product(*key.UPC)
		case key.SKU != nil:
			found = v.asProduct(v.store.productBySKU(string(*key.SKU)))
		}
		if found != nil {
			found.given = key
		}
		return found
	}), nil
}

// mediaByKey resolves the entity interface: it says which implementation a medium is.
func (v view) mediaByKey(_ context.Context, keys []idKey) ([]any, error) {
	return each(keys, func(key idKey) any {
		item := v.medium(string(key.ID))
		if found, ok := item.ToBook(); ok {
			return found
		}
		if found, ok := item.ToFilm(); ok {
			return found
		}
		return nil
	}), nil
}

func booksOf(v view) func(context.Context, []idKey) ([]*book, error) {
	return func(_ context.Context, keys []idKey) ([]*book, error) {
		return each(keys, func(key idKey) *book { found, _ := v.medium(string(key.ID)).ToBook(); return found }), nil
	}
}

func filmsOf(v view) func(context.Context, []idKey) ([]*film, error) {
	return func(_ context.Context, keys []idKey) ([]*film, error) {
		return each(keys, func(key idKey) *film { found, _ := v.medium(string(key.ID)).ToFilm(); return found }), nil
	}
}

type productsRoot struct{ view view }

func (r productsRoot) TopProducts(args struct{ First graphql.NullInt }) *[]*product {
	return new(each(limit(filter(r.view.store, &r.view.store.products, all), args.First), r.view.asProduct))
}

func (r productsRoot) Product(args struct{ UPC string }) *product { return r.view.product(args.UPC) }

type productFilter struct {
	Category *category
	Price    struct {
		Min graphql.NullInt
		Max *int32
	}
	Order productOrder
}

func (f productFilter) matches(p *productRecord) bool {
	switch {
	case f.Category != nil && p.category != *f.Category,
		f.Price.Min.Value != nil && *p.price < *f.Price.Min.Value,
		f.Price.Max != nil && *p.price > *f.Price.Max:
		return false
	default:
		return true
	}
}

func (f productFilter) compare(a, b *productRecord) int {
	switch f.Order {
	case "NAME":
		return cmp.Compare(a.name, b.name)
	case "PRICE_ASC":
		return cmp.Compare(*a.price, *b.price)
	case "PRICE_DESC":
		return cmp.Compare(*b.price, *a.price)
	default:
		return cmp.Compare(a.upc, b.upc)
	}
}

func (r productsRoot) Products(args struct{ Filter productFilter }) []*product {
	found := filter(r.view.store, &r.view.store.products, args.Filter.matches)
	slices.SortStableFunc(found, args.Filter.compare)
	return each(found, r.view.asProduct)
}

func (r productsRoot) Media(args struct{ ID graphql.ID }) *medium {
	return r.view.medium(string(args.ID))
}

func (r productsRoot) Library(args struct{ Kind *mediaKind }) []*medium {
	return each(filter(r.view.store, &r.view.store.media, func(m *mediaRecord) bool {
		return args.Kind == nil || m.kind == *args.Kind
	}), r.view.asMedium)
}

// Search finds products by name, then media by title.
func (r productsRoot) Search(args struct {
	Text  string
	First graphql.NullInt
},
) []*searchResult {
	contains := func(text string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(args.Text)) }
	s := r.view.store
	named := filter(s, &s.products, func(p *productRecord) bool { return contains(p.name) })
	found := each(named, func(p *productRecord) *searchResult { return &searchResult{product: r.view.asProduct(p)} })
	for _, m := range filter(s, &s.media, func(m *mediaRecord) bool { return contains(m.title) }) {
		found = append(found, &searchResult{medium: r.view.asMedium(m)})
	}
	return limit(found, args.First)
}

func (r productsRoot) SetPrice(args struct {
	UPC   string
	Price int32
},
) *product {
	s := r.view.store
	return r.view.asProduct(change(s, &s.products, func(p *productRecord) bool { return p.upc == args.UPC }, func(p *productRecord) {
		p.price = &args.Price
	}))
}

// searchResult resolves SearchResult: one of its fields is set.
type searchResult struct {
	product *product
	medium  *medium
}

func (s *searchResult) ToProduct() (*product, bool) { return s.product, s.product != nil }
func (s *searchResult) ToBook() (*book, bool)       { return s.medium.ToBook() }
func (s *searchResult) ToFilm() (*film, bool)       { return s.medium.ToFilm() }
