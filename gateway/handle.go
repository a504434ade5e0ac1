package gateway

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/operation"
)

// handle answers a GraphQL request. It loads the state once, so that a reload changes nothing for requests in flight.
func (g *Gateway) handle(w http.ResponseWriter, r *http.Request) {
	x := newExchange()
	defer x.release()
	if err := g.state.Load().handle(w, r, x); err != nil {
		x.writeError(w, r, g.logger, err)
	}
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
	if err := x.read(r, s.limits.BodyBytes); err != nil {
		return err
	}
	op, err := s.prepare(r.Context(), &x.params)
	if err != nil {
		return err
	}
	values, err := op.Coerce(x.variables)
	if err != nil {
		return err
	}
	bits, visible := s.rules.evaluate(r.Context(), op, caller.Identity, op.Evaluate(values, labelOn))
	v, err := s.variant(r.Context(), op, bits)
	if err != nil {
		return err
	}
	if err := s.rules.refuse(r, v); err != nil {
		return err
	}
	origin, err := s.origin(r, caller, x)
	if err != nil {
		return err
	}
	result := s.executor.Execute(r.Context(), v.program, &executor.Request{
		Values: values, Origin: origin, Visible: visible,
	})
	defer result.Release()
	s.answers.pass(w.Header(), result, op.Kind == operation.Mutation || len(result.Errors) > 0 || len(v.denials) > 0)
	x.writeResult(w, r, s.logger, result, v)
	return nil
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
