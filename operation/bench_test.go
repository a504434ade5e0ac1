package operation

import "testing"

// large is a query that uses most of the example graph.
const large = `
query Large($first: Int = 3, $filter: ProductFilter, $brief: Boolean!, $user: ID!) {
  topProducts(first: $first) { ...Card ...Reviews @skip(if: $brief) }
  products(filter: $filter) { ...Card related(first: 2) { ...Card related { sku } } companion { ...Medium } }
  search(text: "chair") { __typename ... on Product { ...Card } ... on Media { ...Medium } }
  user(id: $user) { ...Person friends(first: 4) { ...Person friends { ...Person } } }
  feed { id body author { name } ... on Review { rating date product { ...Card } } ... on Reply { review { id rating } } }
  activity(userId: $user) { ... on Review { rating } ... on Reply { body } ... on Post { author { ...Person } } }
  warehouses { ...House aisles { ...Card } }
  library { ...Medium }
}
fragment Card on Product {
  sku upc name category price weight dimensions { width height depth } inStock shippingEstimate volume rating verdict
  stock { quantity status warehouse { id name } }
}
fragment Reviews on Product { reviews { id body rating author { id username } replies { id body author { name } } } }
fragment Medium on Media { id title year rating ... on Book { author pages } ... on Film { director minutes } }
fragment Person on User { id name username role pickup { ...House } wishlist { upc name } }
fragment House on Warehouse { id name country stock(status: LOW) { quantity product { upc name } } }
`

const largeVariables = `{"first": 5, "filter": {"category": "KITCHEN", "price": {"min": 10, "max": 200}, "order": "PRICE_ASC"}, "brief": false, "user": 7}`

const small = `{ topProducts { upc name reviews { body author { name } } inStock } }`

func BenchmarkPrepare(b *testing.B) {
	p := shop(b)
	for name, document := range map[string]string{"large": large, "small": small} {
		b.Run(name, func(b *testing.B) {
			text := []byte(document)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Prepare(b.Context(), text, ""); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStages shows where the time goes.
func BenchmarkStages(b *testing.B) {
	p := shop(b)
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := parse(large, p.limits); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parse and check", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			doc, _ := parse(large, p.limits)
			c := p.newChecker(b.Context(), doc)
			c.link()
			if errs := append(bound(doc, p.limits), c.check()...); len(errs) > 0 {
				b.Fatal(errs)
			}
		}
	})
	op, err := p.Prepare(b.Context(), []byte(large), "")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("second reader", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if errs := p.second.read(op); len(errs) > 0 {
				b.Fatal(errs)
			}
		}
	})
}

func BenchmarkCoerce(b *testing.B) {
	p := shop(b)
	for _, bench := range []struct{ name, document, variables string }{
		{"none", small, `{}`},
		{"absent", small, ``},
		{"one", "query ($f: Int) { topProducts(first: $f) { upc } }", `{"f": 5}`},
		{"input", large, largeVariables},
	} {
		b.Run(bench.name, func(b *testing.B) {
			op, err := p.Prepare(b.Context(), []byte(bench.document), "")
			if err != nil {
				b.Fatal(err)
			}
			variables := []byte(bench.variables)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := op.Coerce(variables); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFilter(b *testing.B) {
	op, err := shop(b).Prepare(b.Context(), []byte(large), "")
	if err != nil {
		b.Fatal(err)
	}
	for name, keep := range map[string]func(*Field) bool{"all": KeepAll, "some": func(f *Field) bool { return f.Def.Name != "price" }} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Filter(op, Bits{}, keep)
			}
		})
	}
}
