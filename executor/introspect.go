package executor

import (
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
)

func (e *Executor) introspect(dst []byte, asked *planner.Selection, values operation.Values, vars []*operation.Variable) []byte {
	return append(dst, `{"data":{}}`...)
}
