package gateway

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// handle answers a GraphQL request. It loads the state once: a request sees one configuration from beginning to end.
func (g *Gateway) handle(w http.ResponseWriter, r *http.Request) {
	x := newExchange()
	defer x.release()
	x.pace = g.pace
	err := g.state.Load().handle(w, r, x)
	if err != nil {
		x.errors = len(x.writeError(w, r, g.logger, err))
	}
	summarise(w, x.summary)
}

// handle is one request: every stage in its order. It answers itself when the operation was executed.
func (s *state) handle(w http.ResponseWriter, r *http.Request, x *exchange) error {
	if err := x.checkHead(r, s.limits.BodyBytes, s.callers.preventCSRF); err != nil {
		return err
	}
	caller, err := s.callers.authenticate(w, r)
	if err != nil {
		return err
	}
	if err := x.read(r, s.limits.BodyBytes, s.bodies); err != nil {
		return err
	}
	arrived(r.Context())
	ctx, cancel := context.WithTimeout(r.Context(), s.limits.RequestTimeout)
	defer cancel()
	done, err := s.execute(ctx, r, x, caller)
	if err != nil {
		return ended(ctx, err)
	}
	result := done.result
	defer result.Release()
	x.calls, x.errors = result.Calls, len(result.Errors)+len(done.variant.errors)
	s.answers.pass(w.Header(), result, done.op.Kind == operation.Mutation || len(result.Errors) > 0 || len(done.variant.denials) > 0)
	x.writeResult(w, r, s.logger, result, done.variant)
	return nil
}

// executed is an operation that was executed.
type executed struct {
	op      *prepared
	variant *variant
	result  *executor.Result
}

// execute leads a request through the stages, within the time that ctx gives. It takes part in the number of those who do so at
// the same time: reading and writing, which clients can draw out, do not.
func (s *state) execute(ctx context.Context, r *http.Request, x *exchange, who caller) (executed, error) {
	at := place{of: s.admission}
	if err := at.take(ctx); err != nil {
		return executed{}, err
	}
	defer at.giveBack()
	op, err := s.operationOf(ctx, &at, &x.params)
	if err != nil {
		return executed{}, err
	}
	x.operation = op.Name
	values, err := op.Coerce(x.variables)
	if err != nil {
		return executed{}, err
	}
	bits, visible, err := s.outcomeOf(ctx, &at, op, who.Identity, op.Evaluate(values, labelOn))
	if err != nil {
		return executed{}, err
	}
	v, err := s.variantOf(ctx, &at, op, bits)
	if err != nil {
		return executed{}, err
	}
	if !s.rules.config.DryRun {
		x.denied = len(v.denials)
	}
	if err := s.rules.refuse(r, v); err != nil {
		return executed{}, err
	}
	origin, err := s.origin(r, who, x)
	if err != nil {
		return executed{}, err
	}
	origin.GiveWay = at.giveBack
	result := s.executor.Execute(ctx, v.program, &executor.Request{Values: values, Origin: origin, Visible: visible})
	return executed{op, v, result}, nil
}

// operationOf returns the prepared operation of the request, which stands aside while that is made.
func (s *state) operationOf(ctx context.Context, at *place, p *params) (*prepared, error) {
	if found, ok := s.caches.prepared.GetIfPresent(keyOf(p)); ok {
		return found, nil
	}
	var made *prepared
	err := at.aside(ctx, func() (err error) {
		made, err = s.prepare(ctx, p)
		return err
	})
	return made, err
}

// outcomeOf evaluates the rules, as rules.evaluate does. The request is away while others decide, so that a source of policies that
// hangs holds up those whom it decides about and nobody else.
func (s *state) outcomeOf(
	ctx context.Context, at *place, op *prepared, caller authz.Identity, bits operation.Bits,
) (outcome operation.Bits, visible func(supergraph.Coordinate) bool, err error) {
	decide := func() { outcome, visible = s.rules.evaluate(ctx, op, caller, bits) }
	if s.rules.waits(op) {
		err = at.away(ctx, decide)
	} else {
		decide()
	}
	return outcome, visible, err
}

// variantOf returns the variant that the bits select; the request stands aside while it is planned.
func (s *state) variantOf(ctx context.Context, at *place, op *prepared, bits operation.Bits) (*variant, error) {
	if found, ok := s.caches.keptVariant(op, bits); ok {
		return found, nil
	}
	var made *variant
	err := at.aside(ctx, func() (err error) {
		made, err = s.variant(ctx, op, bits)
		return err
	})
	return made, err
}

// labelOn decides on a progressive override for one request: "percent(25)" is on for a quarter of the requests, and a
// label that nobody resolves is off.
func labelOn(label string) bool {
	text, isPercent := strings.CutPrefix(label, "percent(")
	text, isClosed := strings.CutSuffix(text, ")")
	if !isPercent || !isClosed {
		return false
	}
	percent, err := strconv.ParseFloat(text, 64)
	return err == nil && rand.Float64()*100 < percent //nolint:gosec // who gets which subgraph is no secret
}
