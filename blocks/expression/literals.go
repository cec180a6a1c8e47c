package expression

import "github.com/expr-lang/expr/ast"

// array compiles [a, b].
func (c *compiler) array(n *ast.ArrayNode) node {
	items := make([]evaluate, len(n.Nodes))
	all := true
	for i := range n.Nodes {
		item := c.node(n.Nodes[i])
		items[i] = item.eval
		all = all && item.constant
	}
	list := node{typ: List, eval: func(e *Env) (any, error) {
		if err := e.spend(len(items)); err != nil {
			return nil, err
		}
		list := make([]any, len(items))
		for i, item := range items {
			v, err := item(e)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return list, nil
	}}
	if all {
		return c.settle(list, c.at(n))
	}
	return list
}

// mapping compiles {a: 1, "b": 2}.
func (c *compiler) mapping(n *ast.MapNode) node {
	type pair struct{ key, value evaluate }
	pairs := make([]pair, 0, len(n.Pairs))
	for i := range n.Pairs {
		p, ok := n.Pairs[i].(*ast.PairNode)
		if !ok {
			continue
		}
		key := c.want(c.node(p.Key), Text, c.at(p.Key), "a key")
		pairs = append(pairs, pair{key.eval, c.node(p.Value).eval})
	}
	return node{typ: JSON, eval: func(e *Env) (any, error) {
		if err := e.spend(len(pairs)); err != nil {
			return nil, err
		}
		m := make(map[string]any, len(pairs))
		for _, p := range pairs {
			key, err := p.key(e)
			if err != nil {
				return nil, err
			}
			if m[key.(string)], err = p.value(e); err != nil {
				return nil, err
			}
		}
		return m, nil
	}}
}
