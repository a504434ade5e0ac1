package shop

import (
	"context"
	"errors"
	"slices"

	graphql "github.com/graph-gophers/graphql-go"

	"github.com/gatehouse-graphql/gatehouse/subgraph/federation"
)

// accounts is the root of the subgraph: who the customers are.
type accounts struct {
	federation.Root[accountsEntity]
	accountsRoot
}

type accountsEntity struct{ federation.Entity }

func (e *accountsEntity) ToUser() (*user, bool) { return federation.As[*user](e.Entity) }

func (v view) accountsEntities() []federation.Resolver {
	return []federation.Resolver{federation.Batch("User", v.usersByKey)}
}

// idKey is the representation of an entity with the key "id".
type idKey struct {
	ID graphql.ID `json:"id"`
}

func (v view) usersByKey(_ context.Context, keys []idKey) ([]*user, error) {
	return each(keys, func(key idKey) *user { return v.user(string(key.ID)) }), nil
}

type accountsRoot struct{ view view }

func (r accountsRoot) Me(ctx context.Context) *user { return r.view.user(callerOf(ctx)) }

func (r accountsRoot) User(args struct{ ID graphql.ID }) *user { return r.view.user(string(args.ID)) }

func (r accountsRoot) Users() *[]*user {
	return new(each(filter(r.view.store, &r.view.store.users, all), r.view.asUser))
}

func (r accountsRoot) UsersByRole(args struct{ Roles []role }) []*user {
	return each(filter(r.view.store, &r.view.store.users, func(u *userRecord) bool {
		return slices.Contains(args.Roles, u.role)
	}), r.view.asUser)
}

type profileInput struct {
	Name     *string
	Birthday *date
	Address  *struct {
		Street, City string
		Country      country
	}
}

func (r accountsRoot) UpdateProfile(ctx context.Context, args struct{ Input profileInput }) (*user, error) {
	changed := r.changeUser(callerOf(ctx), func(u *userRecord) {
		if args.Input.Name != nil {
			u.name = args.Input.Name
		}
		if args.Input.Birthday != nil {
			u.birthday = args.Input.Birthday
		}
		if given := args.Input.Address; given != nil {
			u.address = &addressRecord{given.Street, given.City, given.Country}
		}
	})
	if changed == nil {
		return nil, errNoUser
	}
	return changed, nil
}

// errNoUser is for what only users of the shop can do.
var errNoUser = errors.New("the caller is no user of the shop")

func (r accountsRoot) SetRole(args struct {
	UserID graphql.ID
	Role   role
},
) *user {
	return r.changeUser(string(args.UserID), func(u *userRecord) { u.role = args.Role })
}

func (r accountsRoot) changeUser(id string, edit func(*userRecord)) *user {
	s := r.view.store
	return r.view.asUser(change(s, &s.users, func(u *userRecord) bool { return u.id == id }, edit))
}

// user resolves User. The fields of the reviews subgraph are in reviews.go.
type user struct {
	view   view
	record *userRecord
}

func (v view) user(id string) *user { return v.asUser(v.store.user(id)) }

func (v view) asUser(record *userRecord) *user {
	if record == nil {
		return nil
	}
	return &user{v, record}
}

func (u *user) ID() graphql.ID    { return graphql.ID(u.record.id) }
func (u *user) Name() *string     { return u.record.name }
func (u *user) Username() *string { return &u.record.username }
func (u *user) Birthday() *date   { return u.record.birthday }
func (u *user) Role() role        { return u.record.role }
func (u *user) Email() *string    { return u.record.email }

func (u *user) Address() *address {
	if u.record.address == nil {
		return nil
	}
	return &address{u.record.address}
}

func (u *user) Pickup() *warehouse { return u.view.warehouse(u.record.pickup) }

func (u *user) Wishlist() []*product {
	return each(u.record.wishlist, func(sku string) *product { return u.view.asProduct(u.view.store.productBySKU(sku)) })
}

func (u *user) Friends(args struct{ First graphql.NullInt }) []*user {
	return each(limit(u.record.friends, args.First), u.view.user)
}

// address resolves Address.
type address struct{ record *addressRecord }

func (a *address) Street() string   { return a.record.street }
func (a *address) City() string     { return a.record.city }
func (a *address) Country() country { return a.record.country }
