package client

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"strconv"
)

// pageSize is what a page holds where nobody says otherwise; the API allows at least so many.
const pageSize = 50

// page is one page of a listing.
type page[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor"`
}

// pages yields the items of a listing, page by page as they are asked for, up to limit of them; 0 means all. An error
// ends it.
func pages[T any](ctx context.Context, c *Client, path string, query url.Values, limit int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		query := maps.Clone(query)
		if query == nil {
			query = url.Values{}
		}
		for left := limit; limit == 0 || left > 0; {
			size := pageSize
			if limit > 0 {
				size = min(left, size)
			}
			query.Set("limit", strconv.Itoa(size))
			var p page[T]
			if err := c.get(ctx, path, query, &p); err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range p.Items {
				if !yield(item, nil) {
					return
				}
			}
			if left -= len(p.Items); p.NextCursor == "" {
				return
			}
			query.Set("cursor", p.NextCursor)
		}
	}
}
