package shop

import (
	"context"

	graphql "github.com/graph-gophers/graphql-go"

	"github.com/gatehouse-graphql/gatehouse/subgraph/federation"
)

// inventory is the root of the subgraph: what lies where.
type inventory struct {
	federation.Root[inventoryEntity]
	inventoryRoot
}

type inventoryEntity struct{ federation.Entity }

func (e *inventoryEntity) ToProduct() (*product, bool) { return federation.As[*product](e.Entity) }
func (e *inventoryEntity) ToStockItem() (*stockItem, bool) {
	return federation.As[*stockItem](e.Entity)
}
func (e *inventoryEntity) ToWarehouse() (*warehouse, bool) {
	return federation.As[*warehouse](e.Entity)
}

func (v view) inventoryEntities() []federation.Resolver {
	return []federation.Resolver{
		federation.Batch("Product", v.productsByKey),
		federation.Single("Warehouse", func(_ context.Context, key idKey) (*warehouse, error) { return v.warehouse(string(key.ID)), nil }),
		federation.Single("StockItem", func(_ context.Context, key stockKey) (*stockItem, error) {
			return v.stockItem(string(key.Warehouse.ID), key.Product.UPC), nil
		}),
	}
}

// stockKey is the representation of a StockItem.
type stockKey struct {
	Warehouse idKey `json:"warehouse"`
	Product   struct {
		UPC string `json:"upc"`
	} `json:"product"`
}

type inventoryRoot struct{ view view }

func (r inventoryRoot) Warehouses() []*warehouse {
	return each(filter(r.view.store, &r.view.store.warehouses, all), r.view.asWarehouse)
}

func (r inventoryRoot) Warehouse(args struct{ ID graphql.ID }) *warehouse {
	return r.view.warehouse(string(args.ID))
}

func (r inventoryRoot) Stock(args statusFilter) []*stockItem {
	return r.view.stockWhere(args.matches)
}

func (r inventoryRoot) SetStock(args struct {
	Input struct {
		WarehouseID graphql.ID
		UPC         string
		Quantity    graphql.NullInt
	}
},
) *stockItem {
	record := stockRecord{warehouse: string(args.Input.WarehouseID), upc: args.Input.UPC}
	if args.Input.Quantity.Value != nil {
		record.quantity = max(*args.Input.Quantity.Value, 0)
	}
	return r.view.asStockItem(r.view.store.setStock(record))
}

// stockWhere returns the stock for which the predicate holds, by warehouse and upc.
func (v view) stockWhere(is func(*stockRecord) bool) []*stockItem {
	return each(filter(v.store, &v.store.stock, is), v.asStockItem)
}

type statusFilter struct{ Status *stockStatus }

func (f statusFilter) matches(record *stockRecord) bool {
	return f.Status == nil || record.status() == *f.Status
}

func (r *stockRecord) status() stockStatus {
	switch {
	case r.quantity == 0:
		return "SOLD_OUT"
	case r.quantity < 5:
		return "LOW"
	default:
		return "IN_STOCK"
	}
}

// stockItem resolves StockItem.
type stockItem struct {
	view   view
	record *stockRecord
}

func (v view) stockItem(warehouse, upc string) *stockItem {
	return v.asStockItem(v.store.stockItem(warehouse, upc))
}

func (v view) asStockItem(record *stockRecord) *stockItem {
	if record == nil {
		return nil
	}
	return &stockItem{v, record}
}

func (i *stockItem) Warehouse() *warehouse { return i.view.warehouse(i.record.warehouse) }
func (i *stockItem) Product() *product     { return i.view.product(i.record.upc) }
func (i *stockItem) Quantity() int32       { return i.record.quantity }
func (i *stockItem) Status() stockStatus   { return i.record.status() }

func (i *stockItem) HandlingFee() *money {
	if i.record.quantity == 0 {
		return nil
	}
	return &money{3 + 100/i.record.quantity, "EUR"}
}

// warehouse resolves Warehouse.
type warehouse struct {
	view   view
	record *warehouseRecord
}

func (v view) warehouse(id string) *warehouse { return v.asWarehouse(v.store.warehouse(id)) }

func (v view) asWarehouse(record *warehouseRecord) *warehouse {
	if record == nil {
		return nil
	}
	return &warehouse{v, record}
}

func (w *warehouse) ID() graphql.ID    { return graphql.ID(w.record.id) }
func (w *warehouse) Name() string      { return w.record.name }
func (w *warehouse) Country() *country { return w.record.country }

func (w *warehouse) Stock(args statusFilter) []*stockItem {
	return w.view.stockWhere(func(record *stockRecord) bool {
		return record.warehouse == w.record.id && args.matches(record)
	})
}

func (w *warehouse) Aisles() [][]*product {
	return each(w.record.aisles, func(aisle []string) []*product { return each(aisle, w.view.product) })
}

// The fields that inventory adds to Product.

// Stock resolves Product.stock.
func (p *product) Stock() []*stockItem {
	return p.view.stockWhere(func(record *stockRecord) bool { return record.upc == p.record.upc })
}

// InStock resolves Product.inStock.
func (p *product) InStock() *bool {
	for _, item := range p.Stock() {
		if item.record.quantity > 0 {
			return new(true)
		}
	}
	return new(false)
}

// ShippingEstimate resolves Product.shippingEstimate, which requires price and weight: what is expensive ships for free.
func (p *product) ShippingEstimate() *int32 {
	price, weight := p.given.Price, p.given.Weight
	if p.view.whole {
		price, weight = p.record.price, p.record.weight
	}
	switch {
	case price == nil || weight == nil:
		return nil
	case *price > 1000:
		return new(int32(0))
	default:
		return new(*weight / 2)
	}
}

// Volume resolves Product.volume, which requires the dimensions.
func (p *product) Volume() *int32 {
	d := p.given.Dimensions
	if p.view.whole {
		d = p.record.dimensions
	}
	if d == nil {
		return nil
	}
	return new(d.W * d.H * d.D)
}
