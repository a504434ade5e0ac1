package operation

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Preparer turns documents into operations. It is read-only and safe for concurrent use.
type Preparer struct {
	schema     *supergraph.Schema
	limits     Limits
	directives map[string]*supergraph.Directive
	labels     labels
	second     *secondReader
	// suggests: errors say what may have been meant.
	suggests bool
}

// Option changes what New makes.
type Option func(*Preparer)

// WithSuggestions makes errors say what may have been meant ("Did you mean ...?"). It is for schemas that clients may see anyway:
// suggestions tell names.
func WithSuggestions() Option { return func(p *Preparer) { p.suggests = true } }

// New returns a Preparer for the schema. It fails only if schema.API, the schema that clients see, cannot be read.
func New(schema *supergraph.Schema, limits Limits, options ...Option) (*Preparer, error) {
	second, err := newSecondReader(schema.API)
	if err != nil {
		return nil, err
	}
	p := &Preparer{
		schema:     schema,
		limits:     limits.orDefault(),
		directives: executableDirectives(schema),
		labels:     labelsOf(schema),
		second:     second,
	}
	for _, o := range options {
		o(p)
	}
	return p, nil
}

// idOf is the identity of an operation in every cache: a SHA-256 over the length of the document, the document and the
// name of the operation.
func idOf(document []byte, operationName string) [32]byte {
	h := sha256.New()
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(document)))
	h.Write(length[:])
	h.Write(document)
	h.Write([]byte(operationName))
	return [32]byte(h.Sum(nil))
}

// Prepare parses and validates a document, chooses the operation of that name ("" for the only one), and converts it. The
// document may be changed afterwards.
//
// Errors are a gqlerr.List, in the order of the document, each with its place. All mistakes of a document that can be
// parsed are reported at once, up to 100. Codes: GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED,
// OPERATION_RESOLUTION_FAILURE, and those of the limits (QUERY_TOKEN_LIMIT_EXCEEDED and its like). When ctx ends first, the
// error is that of ctx.
func (p *Preparer) Prepare(ctx context.Context, document []byte, operationName string) (*Operation, error) {
	doc, errs := parse(string(document), p.limits)
	if errs != nil {
		return nil, errs
	}
	c := p.newChecker(ctx, doc)
	c.link()
	if errs := bound(doc, p.limits); len(errs) > 0 {
		return nil, errs
	}
	errs = c.check()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(errs) > 0 {
		return nil, errs
	}
	chosen, err := choose(doc, operationName)
	if err != nil {
		return nil, gqlerr.List{err}
	}
	op, err := p.convert(chosen)
	if err != nil {
		return nil, gqlerr.List{err}
	}
	if errs := p.second.read(op); len(errs) > 0 {
		return nil, errs
	}
	op.ID = idOf(document, operationName)
	op.suggests = p.suggests
	return op, nil
}

// newChecker returns a checker of a document.
func (p *Preparer) newChecker(ctx context.Context, doc *document) *checker {
	return &checker{
		schema: p.schema, directives: p.directives, doc: doc, limits: p.limits, ended: ctx.Err, suggest: newSuggester(p.suggests),
	}
}

// choose returns the operation of that name (GetOperation, section 6.1).
func choose(doc *document, name string) (*definition, *gqlerr.Error) {
	switch {
	case len(doc.operations) == 0:
		return nil, gqlerr.New(gqlerr.OperationResolutionFailure, "The document has no operation.")
	case name == "" && len(doc.operations) > 1:
		return nil, gqlerr.New(gqlerr.OperationResolutionFailure,
			"The document has several operations: operationName must say which one to execute.")
	case name == "":
		return doc.operations[0], nil
	}
	for _, d := range doc.operations {
		if d.name == name {
			return d, nil
		}
	}
	return nil, gqlerr.New(gqlerr.OperationResolutionFailure, "The document has no operation named %s.", quote(name))
}

// executableDirectives are the directives that clients may use, @skip and @include always among them.
func executableDirectives(s *supergraph.Schema) map[string]*supergraph.Directive {
	defs := map[string]*supergraph.Directive{}
	for _, name := range []string{"skip", "include"} {
		defs[name] = &supergraph.Directive{
			Name:      name,
			Args:      []*supergraph.InputValue{{Name: "if", Type: supergraph.TypeRef{Named: s.Type("Boolean"), NonNull: true}}},
			Locations: []string{"FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"},
		}
	}
	for _, d := range s.Directives {
		if defs[d.Name] == nil {
			defs[d.Name] = d
		}
	}
	return defs
}
