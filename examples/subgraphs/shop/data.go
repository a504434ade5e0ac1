package shop

// The nouns of the shop as they are stored. Records are never changed in place: a mutation stores a changed
// copy, so that a resolver can keep the record it was made with.

type userRecord struct {
	id, username string
	name, email  *string
	birthday     *date
	role         role
	address      *addressRecord
	pickup       string   // warehouse, or empty
	wishlist     []string // SKUs
	friends      []string // user ids
}

type addressRecord struct {
	street, city string
	country      country
}

type productRecord struct {
	upc, sku      string
	name          string
	price, weight *int32
	category      category
	dimensions    *dimensions
	attributes    any // a JSON value, nil for none
	packaging     string
	cost          *money
	companion     string   // media id, or empty
	related       []string // UPCs
	display       string   // warehouse where the piece on display stands, or empty
}

type mediaRecord struct {
	id, title string
	kind      mediaKind
	year      *int32
	creator   *string // author or director
	length    *int32  // pages or minutes
}

type reviewRecord struct {
	id       string
	author   string // user id
	upc      string // product, or empty
	media    string // media id, or empty
	body     *string
	rating   int32
	date     date
	sequence int // order of posting, over reviews and replies
}

type replyRecord struct {
	id, review, author string
	body               *string
	sequence           int
}

type warehouseRecord struct {
	id, name string
	country  *country
	aisles   [][]string // UPCs
}

type stockRecord struct {
	warehouse, upc string
	quantity       int32
}

// today is the date of whatever is written by a mutation: answers depend on the data alone.
const today date = "2026-01-01"

func initialUsers() []*userRecord {
	return []*userRecord{
		{id: "1", name: new("Amara Okafor"), username: "amara", birthday: new(date("1988-04-12")), role: "ADMIN", email: new("amara@shop.example"), address: &addressRecord{"Lindenweg 4", "Berlin", "DE"}, pickup: "w1", wishlist: []string{"TV-55", "SOFA-3"}, friends: []string{"2", "3"}},
		{id: "2", name: new("Bruno Keller"), username: "bruno", birthday: new(date("1990-11-30")), role: "SELLER", email: new("bruno@shop.example"), address: &addressRecord{"Rue des Lilas 9", "Lyon", "FR"}, pickup: "w1", wishlist: []string{"GRILL-2"}, friends: []string{"1"}},
		{id: "3", name: new("Chiyo Tanaka"), username: "chiyo", role: "CUSTOMER", email: new("chiyo@shop.example"), pickup: "w2", wishlist: []string{}, friends: []string{"1", "4", "5", "6"}},
		{id: "4", name: new("Dara Singh"), username: "dara", birthday: new(date("1979-02-01")), role: "CUSTOMER", address: &addressRecord{"5th Street 77", "Austin", "US"}, wishlist: []string{"TBL-1", "CHR-1", "LMP-9", "GLS-6"}, friends: []string{}},
		{id: "5", name: new("Elif Demir"), username: "elif", birthday: new(date("2001-07-19")), role: "CUSTOMER", email: new("elif@shop.example"), pickup: "w3", wishlist: []string{"FRG-1"}, friends: []string{"3"}},
		{id: "6", username: "guest", role: "CUSTOMER", wishlist: []string{}, friends: []string{}},
	}
}

func initialProducts() []*productRecord {
	return []*productRecord{
		{upc: "1", sku: "TBL-1", name: "Table", price: new(int32(899)), weight: new(int32(100)), category: "FURNITURE", dimensions: &dimensions{160, 75, 80}, attributes: map[string]any{"material": "oak", "seats": 6, "finishes": []any{"oil", "wax"}}, packaging: "flat box", cost: &money{540, "EUR"}, related: []string{"4", "9", "2"}, display: "w1"},
		{upc: "2", sku: "CCH-2", name: "Couch", price: new(int32(1299)), weight: new(int32(1000)), category: "FURNITURE", dimensions: &dimensions{220, 85, 95}, packaging: "pallet", cost: &money{800, "EUR"}, companion: "f1", related: []string{"9"}, display: "w2"},
		{upc: "3", sku: "GLS-6", name: "Glass", price: new(int32(15)), weight: new(int32(20)), category: "KITCHEN", dimensions: &dimensions{8, 14, 8}, attributes: []any{"dishwasher safe", 0.3, nil}, packaging: "carton", cost: &money{4, "EUR"}, companion: "b1", related: []string{}},
		{upc: "4", sku: "CHR-1", name: "Chair", price: new(int32(499)), weight: new(int32(100)), category: "FURNITURE", dimensions: &dimensions{45, 90, 50}, attributes: map[string]any{"stackable": true}, packaging: "carton", cost: &money{210, "EUR"}, related: []string{"1"}, display: "w1"},
		{upc: "5", sku: "TV-55", name: "TV", price: new(int32(1299)), weight: new(int32(1000)), category: "ELECTRONICS", dimensions: &dimensions{123, 71, 6}, attributes: map[string]any{"inches": 55, "ports": map[string]any{"hdmi": 3, "usb": 2}}, packaging: "padded box", cost: &money{900, "USD"}, companion: "f2", related: []string{"6"}, display: "w2"},
		{upc: "6", sku: "LMP-9", name: "Lamp", price: new(int32(6999)), weight: new(int32(300)), category: "ELECTRONICS", attributes: "handmade", packaging: "padded box", cost: &money{3000, "USD"}, companion: "b2", related: []string{"5", "1"}},
		{upc: "7", sku: "GRILL-2", name: "Grill", price: new(int32(3999)), weight: new(int32(2000)), category: "GARDEN", dimensions: &dimensions{140, 110, 60}, packaging: "pallet", cost: &money{2100, "EUR"}, companion: "b3", related: []string{"3"}},
		{upc: "8", sku: "FRG-1", name: "Fridge", price: new(int32(100000)), weight: new(int32(6000)), category: "KITCHEN", dimensions: &dimensions{90, 190, 75}, attributes: false, packaging: "pallet", cost: &money{61000, "EUR"}, related: []string{"3", "7"}},
		{upc: "9", sku: "SOFA-3", name: "Sofa", price: new(int32(9999)), category: "FURNITURE", dimensions: &dimensions{260, 80, 100}, packaging: "pallet", related: []string{"2", "1"}},
	}
}

func initialMedia() []*mediaRecord {
	return []*mediaRecord{
		{id: "b1", kind: "BOOK", title: "A Table Well Set", year: new(int32(2011)), creator: new("Ines Moreau"), length: new(int32(212))},
		{id: "b2", kind: "BOOK", title: "Light at Home", year: new(int32(1998)), creator: new("Tom Aldous")},
		{id: "b3", kind: "BOOK", title: "Fire and Smoke", creator: new("Rosa Lind"), length: new(int32(340))},
		{id: "f1", kind: "FILM", title: "The Long Sofa", year: new(int32(2004)), creator: new("Jun Ito"), length: new(int32(97))},
		{id: "f2", kind: "FILM", title: "Static", year: new(int32(2019)), length: new(int32(121))},
	}
}

func initialReviews() []*reviewRecord {
	return []*reviewRecord{
		{id: "1", author: "1", upc: "1", body: new("Love it!"), rating: 5, date: "2025-01-03", sequence: 1},
		{id: "2", author: "1", upc: "2", body: new("Too expensive."), rating: 2, date: "2025-01-19", sequence: 2},
		{id: "3", author: "2", upc: "3", body: new("Could be better."), rating: 3, date: "2025-02-02", sequence: 3},
		{id: "4", author: "2", upc: "1", body: new("Prefer something else."), rating: 2, date: "2025-02-11", sequence: 4},
		{id: "5", author: "3", upc: "4", body: new("Sturdy, and lighter than it looks."), rating: 4, date: "2025-03-08", sequence: 5},
		{id: "6", author: "3", upc: "5", body: new("Sharp picture, \"tinny\" sound\n(buy speakers)."), rating: 4, date: "2025-03-08", sequence: 6},
		{id: "7", author: "4", upc: "1", rating: 5, date: "2025-04-21", sequence: 7},
		{id: "8", author: "4", upc: "6", body: new("Beautiful <light>, worth every cent – schön!"), rating: 5, date: "2025-05-05", sequence: 9},
		{id: "9", author: "5", upc: "7", body: new("Heavy. Very heavy."), rating: 3, date: "2025-05-30", sequence: 10},
		{id: "10", author: "5", upc: "2", body: new("Slept on it for a week."), rating: 5, date: "2025-06-17", sequence: 11},
		{id: "11", author: "2", upc: "8", body: new("Keeps things cold."), rating: 4, date: "2025-07-01", sequence: 13},
		{id: "12", author: "1", media: "b1", body: new("Made me set the table anew."), rating: 5, date: "2025-07-09", sequence: 14},
		{id: "13", author: "3", media: "f1", body: new("Long, as announced."), rating: 3, date: "2025-08-14", sequence: 15},
		{id: "14", author: "4", media: "b1", body: new("Nice pictures."), rating: 4, date: "2025-09-02", sequence: 16},
		{id: "15", author: "5", media: "f2", rating: 1, date: "2025-10-10", sequence: 17},
	}
}

func initialReplies() []*replyRecord {
	return []*replyRecord{
		{id: "reply-1", review: "7", author: "2", body: new("Thank you!"), sequence: 8},
		{id: "reply-2", review: "10", author: "1", body: new("With or without a pillow?"), sequence: 12},
		{id: "reply-3", review: "10", author: "5", body: new("With two."), sequence: 18},
	}
}

func initialWarehouses() []*warehouseRecord {
	return []*warehouseRecord{
		{id: "w1", name: "Berlin", country: new(country("DE")), aisles: [][]string{{"1", "4"}, {"3"}, {}}},
		{id: "w2", name: "Osaka", country: new(country("JP")), aisles: [][]string{{"5", "6", "2"}, {"7", "8"}}},
		{id: "w3", name: "Pop-up", aisles: [][]string{}},
	}
}

func initialStock() []*stockRecord {
	return []*stockRecord{
		{"w1", "1", 12}, {"w1", "3", 400}, {"w1", "4", 3}, {"w1", "9", 0},
		{"w2", "1", 2}, {"w2", "2", 7}, {"w2", "5", 20}, {"w2", "6", 0}, {"w2", "7", 1}, {"w2", "8", 5},
	}
}
