// Command tile38_engine times what Tile38 is made of, its R-tree and its geometry, on the points of bench/tile38.py.
//
// It reads wards.geojsonl (a geometry a line), points.f64 (lon, lat), moves.f64 (which, lon, lat), asks.f64 and start.f64
// (lon, lat) from the folder it is given, writes rows.i64 and nearest.i64 there, and prints its times as JSON.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"log"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/tidwall/geojson"
	"github.com/tidwall/geojson/geo"
	"github.com/tidwall/geojson/geometry"
	"github.com/tidwall/rtree"
)

const rounds = 3
const nearest = 5

type ward struct {
	row   int64
	shape geojson.Object
}

type times struct {
	Build   float64 `json:"build"`
	Points  float64 `json:"points"`
	Moves   float64 `json:"moves"`
	Nearest float64 `json:"nearest"`
}

func numbers(folder, name string) []float64 {
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		log.Fatal(err)
	}
	found := make([]float64, len(data)/8)
	for i := range found {
		found[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return found
}

func write(folder, name string, rows []int64) {
	data := make([]byte, 8*len(rows))
	for i, row := range rows {
		binary.LittleEndian.PutUint64(data[8*i:], uint64(row))
	}
	if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
		log.Fatal(err)
	}
}

// best runs a job several times and gives the shortest time in seconds.
func best(job func()) float64 {
	shortest := math.Inf(1)
	for i := 0; i < rounds; i++ {
		begun := time.Now()
		job()
		shortest = math.Min(shortest, time.Since(begun).Seconds())
	}
	return shortest
}

// wards indexes the shapes as Tile38 does: each with its own index of edges, all in one R-tree.
func wards(folder string) *rtree.RTreeG[ward] {
	file, err := os.Open(filepath.Join(folder, "wards.geojsonl"))
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	var tree rtree.RTreeG[ward]
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<28)
	for row := int64(0); lines.Scan(); row++ {
		shape, err := geojson.Parse(lines.Text(), nil)
		if err != nil {
			log.Fatal(err)
		}
		box := shape.Rect()
		tree.Insert([2]float64{box.Min.X, box.Min.Y}, [2]float64{box.Max.X, box.Max.Y}, ward{row, shape})
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
	return &tree
}

// lowest gives the lowest row whose shape covers each point, -1 for none.
func lowest(tree *rtree.RTreeG[ward], points []float64, rows []int64) {
	for i := range rows {
		at := [2]float64{points[2*i], points[2*i+1]}
		point := geometry.Point{X: at[0], Y: at[1]}
		row := int64(-1)
		tree.Search(at, at, func(_, _ [2]float64, found ward) bool {
			if (row < 0 || found.row < row) && found.shape.Spatial().IntersectsPoint(point) {
				row = found.row
			}
			return true
		})
		rows[i] = row
	}
}

// away gives a bound on the metres from a position to a box: those to its nearest point.
func away(lon, lat float64) func(min, max [2]float64, data int64, item bool) float64 {
	return func(min, max [2]float64, _ int64, _ bool) float64 {
		x := math.Max(min[0], math.Min(lon, max[0]))
		y := math.Max(min[1], math.Min(lat, max[1]))
		return geo.DistanceTo(lat, lon, y, x)
	}
}

func main() {
	folder := os.Args[1]
	var taken times
	var tree *rtree.RTreeG[ward]
	taken.Build = best(func() { tree = wards(folder) })
	points := numbers(folder, "points.f64")
	rows := make([]int64, len(points)/2)
	taken.Points = best(func() { lowest(tree, points, rows) })
	write(folder, "rows.i64", rows)

	start, moves, asks := numbers(folder, "start.f64"), numbers(folder, "moves.f64"), numbers(folder, "asks.f64")
	var moving rtree.RTreeG[int64]
	at := make([][2]float64, len(start)/2)
	for i := range at {
		at[i] = [2]float64{start[2*i], start[2*i+1]}
		moving.Insert(at[i], at[i], int64(i))
	}
	taken.Moves = best(func() {
		for i := 0; i < len(moves); i += 3 {
			which, to := int64(moves[i]), [2]float64{moves[i+1], moves[i+2]}
			moving.Replace(at[which], at[which], which, to, to, which)
			at[which] = to
		}
	})
	found := make([]int64, nearest*len(asks)/2)
	taken.Nearest = best(func() {
		for i := 0; i < len(asks)/2; i++ {
			n := 0
			moving.Nearby(away(asks[2*i], asks[2*i+1]), func(_, _ [2]float64, which int64, _ float64) bool {
				found[nearest*i+n] = which
				n++
				return n < nearest
			})
		}
	})
	write(folder, "nearest.i64", found)
	if err := json.NewEncoder(os.Stdout).Encode(taken); err != nil {
		log.Fatal(err)
	}
}
