package shop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	graphql "github.com/graph-gophers/graphql-go"

	"github.com/gatehouse-graphql/gatehouse/subgraph/federation"
)

// reviews is the root of the subgraph: what the customers say.
type reviews struct {
	federation.Root[reviewsEntity]
	reviewsRoot
}

type reviewsEntity struct{ federation.Entity }

func (e *reviewsEntity) ToReview() (*review, bool)   { return federation.As[*review](e.Entity) }
func (e *reviewsEntity) ToUser() (*user, bool)       { return federation.As[*user](e.Entity) }
func (e *reviewsEntity) ToProduct() (*product, bool) { return federation.As[*product](e.Entity) }
func (e *reviewsEntity) ToMedia() (*medium, bool)    { return federation.As[*medium](e.Entity) }

func (v view) reviewsEntities() []federation.Resolver {
	return []federation.Resolver{
		federation.Single("Review", func(_ context.Context, key idKey) (*review, error) { return v.review(string(key.ID)), nil }),
		federation.Batch("User", v.usersByKey),
		federation.Batch("Product", v.productsByKey),
		federation.Single("Media", func(_ context.Context, key idKey) (*medium, error) { return v.medium(string(key.ID)), nil }),
	}
}

type reviewsRoot struct{ view view }

func (r reviewsRoot) Review(args struct{ ID graphql.ID }) *review {
	return r.view.review(string(args.ID))
}

func (r reviewsRoot) Feed(args struct{ First graphql.NullInt }) []*post {
	return limit(r.view.posts(func(string) bool { return true }), args.First)
}

func (r reviewsRoot) Activity(args struct{ UserID graphql.ID }) []*post {
	return r.view.posts(func(author string) bool { return author == string(args.UserID) })
}

// TopRatedMedia returns the rated media, best first, equal ones by id.
func (r reviewsRoot) TopRatedMedia(args struct{ First graphql.NullInt }) []*medium {
	s := r.view.store
	rated := []*medium{}
	for _, m := range each(filter(s, &s.media, all), r.view.asMedium) {
		if m.Rating() != nil {
			rated = append(rated, m)
		}
	}
	slices.SortStableFunc(rated, func(a, b *medium) int { return cmp.Compare(*b.Rating(), *a.Rating()) })
	return limit(rated, args.First)
}

type reviewInput struct {
	UPC     *string
	MediaID *graphql.ID
	Body    string
	Rating  graphql.NullInt
}

func (r reviewsRoot) AddReview(ctx context.Context, args struct{ Input reviewInput }) (*review, error) {
	input, made := args.Input, reviewRecord{author: callerOf(ctx), body: &args.Input.Body}
	switch {
	case r.view.user(made.author) == nil:
		return nil, errNoUser
	case (input.UPC == nil) == (input.MediaID == nil):
		return nil, errors.New("a review is about a upc or a mediaId")
	case input.Rating.Value == nil || *input.Rating.Value < 1 || *input.Rating.Value > 5:
		return nil, errors.New("a rating is a number from 1 to 5")
	case input.UPC != nil:
		made.upc = *input.UPC
		if r.view.product(made.upc) == nil {
			return nil, fmt.Errorf("there is no product %q", made.upc)
		}
	default:
		made.media = string(*input.MediaID)
		if r.view.medium(made.media) == nil {
			return nil, fmt.Errorf("there is no book or film %q", made.media)
		}
	}
	made.rating = *input.Rating.Value
	return r.view.asReview(r.view.store.addReview(made)), nil
}

func (r reviewsRoot) AddReply(ctx context.Context, args struct {
	ReviewID graphql.ID
	Body     string
},
) (*reply, error) {
	author := callerOf(ctx)
	if r.view.user(author) == nil {
		return nil, errNoUser
	}
	record := r.view.store.addReply(replyRecord{review: string(args.ReviewID), author: author, body: &args.Body})
	if record == nil {
		return nil, nil //nolint:nilnil // there is no such review, and the field can be null
	}
	return &reply{r.view, record}, nil
}

func (r reviewsRoot) DeleteReview(args struct{ ID graphql.ID }) bool {
	return r.view.store.deleteReview(string(args.ID))
}

// reviewsWhere returns the reviews for which the predicate holds, oldest first.
func (v view) reviewsWhere(is func(*reviewRecord) bool) []*review {
	return each(filter(v.store, &v.store.reviews, is), v.asReview)
}

// posts returns the reviews and replies of the authors for whom the predicate holds, newest first.
func (v view) posts(is func(author string) bool) []*post {
	posts := each(v.reviewsWhere(func(r *reviewRecord) bool { return is(r.author) }), func(r *review) *post { return &post{review: r} })
	for _, record := range filter(v.store, &v.store.replies, func(r *replyRecord) bool { return is(r.author) }) {
		posts = append(posts, &post{reply: &reply{v, record}})
	}
	slices.SortFunc(posts, func(a, b *post) int { return cmp.Compare(b.sequence(), a.sequence()) })
	return posts
}

// The fields that reviews adds to the types of other subgraphs.

// Reviews resolves User.reviews.
func (u *user) Reviews() *[]*review {
	return new(u.view.reviewsWhere(func(r *reviewRecord) bool { return r.author == u.record.id }))
}

// NumberOfReviews resolves User.numberOfReviews.
func (u *user) NumberOfReviews() int32 { return int32(len(*u.Reviews())) }

// Reviews resolves Product.reviews.
func (p *product) Reviews() *[]*review {
	return new(p.view.reviewsWhere(func(r *reviewRecord) bool { return r.upc == p.record.upc }))
}

// Rating resolves Product.rating.
func (p *product) Rating() *float64 { return average(*p.Reviews()) }

// Verdict resolves Product.verdict, which requires shippingEstimate.
func (p *product) Verdict() verdict {
	estimate := p.given.ShippingEstimate
	if p.view.whole {
		estimate = p.ShippingEstimate()
	}
	rating := p.Rating()
	switch {
	case rating == nil || estimate == nil:
		return "UNKNOWN"
	case *rating >= 4 && *estimate <= 100:
		return "BUY"
	case *rating >= 3:
		return "CONSIDER"
	default:
		return "AVOID"
	}
}

// Reviews resolves Media.reviews.
func (m *medium) Reviews(args struct{ MinRating graphql.NullInt }) []*review {
	return m.view.reviewsWhere(func(r *reviewRecord) bool {
		return r.media == m.record.id && (args.MinRating.Value == nil || r.rating >= *args.MinRating.Value)
	})
}

// Rating resolves Media.rating.
func (m *medium) Rating() *float64 {
	return average(m.view.reviewsWhere(func(r *reviewRecord) bool { return r.media == m.record.id }))
}

// average returns the mean rating with two decimals, nil without reviews.
func average(of []*review) *float64 {
	if len(of) == 0 {
		return nil
	}
	sum := 0
	for _, r := range of {
		sum += int(r.record.rating)
	}
	return new(math.Round(float64(sum)*100/float64(len(of))) / 100)
}
