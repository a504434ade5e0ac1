package shop

import graphql "github.com/graph-gophers/graphql-go"

// product resolves Product. The fields of the other subgraphs are in reviews.go and inventory.go.
type product struct {
	view   view
	record *productRecord
	given  productKey // what came with the representation
}

func (v view) product(upc string) *product { return v.asProduct(v.store.product(upc)) }

func (v view) asProduct(record *productRecord) *product {
	if record == nil {
		return nil
	}
	return &product{view: v, record: record}
}

func (p *product) UPC() string             { return p.record.upc }
func (p *product) SKU() graphql.ID         { return graphql.ID(p.record.sku) }
func (p *product) Name() *string           { return &p.record.name }
func (p *product) Title() *string          { return &p.record.name }
func (p *product) LegacyCode() *string     { return new("L-" + p.record.sku) }
func (p *product) Price() *int32           { return p.record.price }
func (p *product) Weight() *int32          { return p.record.weight }
func (p *product) Category() category      { return p.record.category }
func (p *product) Dimensions() *dimensions { return p.record.dimensions }
func (p *product) Packaging() *string      { return &p.record.packaging }
func (p *product) Cost() *money            { return p.record.cost }
func (p *product) Companion() *medium      { return p.view.medium(p.record.companion) }

func (p *product) Attributes() *jsonValue {
	if p.record.attributes == nil {
		return nil
	}
	return &jsonValue{p.record.attributes}
}

func (p *product) Related(args struct{ First graphql.NullInt }) []*product {
	return each(limit(p.record.related, args.First), p.view.product)
}

func (p *product) Display() *stockItem { return p.view.stockItem(p.record.display, p.record.upc) }

// dimensions resolves the value type Dimensions, and decodes it from a representation.
type dimensions struct {
	W int32 `json:"width"`
	H int32 `json:"height"`
	D int32 `json:"depth"`
}

func (d *dimensions) Width() int32  { return d.W }
func (d *dimensions) Height() int32 { return d.H }
func (d *dimensions) Depth() int32  { return d.D }

// money resolves the value type Money.
type money struct {
	amount   int32
	currency currency
}

func (m *money) Amount() int32      { return m.amount }
func (m *money) Currency() currency { return m.currency }
