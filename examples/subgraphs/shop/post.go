package shop

import graphql "github.com/graph-gophers/graphql-go"

// review resolves Review.
type review struct {
	view   view
	record *reviewRecord
}

func (v view) review(id string) *review { return v.asReview(v.store.review(id)) }

func (v view) asReview(record *reviewRecord) *review {
	if record == nil {
		return nil
	}
	return &review{v, record}
}

func (r *review) ID() graphql.ID    { return graphql.ID(r.record.id) }
func (r *review) Body() *string     { return r.record.body }
func (r *review) Author() *user     { return r.view.user(r.record.author) }
func (r *review) Product() *product { return r.view.product(r.record.upc) }
func (r *review) Media() *medium    { return r.view.medium(r.record.media) }
func (r *review) Rating() int32     { return r.record.rating }
func (r *review) Date() date        { return r.record.date }

func (r *review) Replies() []*reply {
	s := r.view.store
	return each(filter(s, &s.replies, func(reply *replyRecord) bool { return reply.review == r.record.id }),
		func(record *replyRecord) *reply { return &reply{r.view, record} })
}

// reply resolves Reply.
type reply struct {
	view   view
	record *replyRecord
}

func (r *reply) ID() graphql.ID  { return graphql.ID(r.record.id) }
func (r *reply) Body() *string   { return r.record.body }
func (r *reply) Author() *user   { return r.view.user(r.record.author) }
func (r *reply) Review() *review { return r.view.review(r.record.review) }

// post resolves the interface Post and the union Activity: one of its fields is set.
type post struct {
	review *review
	reply  *reply
}

func (p *post) ToReview() (*review, bool) { return p.review, p.review != nil }
func (p *post) ToReply() (*reply, bool)   { return p.reply, p.reply != nil }

func (p *post) ID() graphql.ID {
	if p.review != nil {
		return p.review.ID()
	}
	return p.reply.ID()
}

func (p *post) Body() *string {
	if p.review != nil {
		return p.review.Body()
	}
	return p.reply.Body()
}

func (p *post) Author() *user {
	if p.review != nil {
		return p.review.Author()
	}
	return p.reply.Author()
}

func (p *post) sequence() int {
	if p.review != nil {
		return p.review.record.sequence
	}
	return p.reply.record.sequence
}
