// Gin: binding errors of go-playground/validator as one text; names and URLs at /.
package main

import (
	"net/http"
	"os"
	"strconv"
	"sync"

	"github.com/gin-gonic/gin"
)

type album struct {
	ID     int     `json:"id"`
	Title  string  `json:"title" binding:"required"`
	Artist string  `json:"artist" binding:"required"`
	Price  float64 `json:"price" binding:"required,gt=0"`
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	var lock sync.Mutex
	albums, next := map[int]album{}, 1
	router := gin.New()
	router.Use(gin.Recovery())
	router.HandleMethodNotAllowed = true
	router.GET("/", func(c *gin.Context) { c.JSON(200, gin.H{"albums": "/api/albums"}) })
	router.GET("/api/albums", func(c *gin.Context) {
		lock.Lock()
		defer lock.Unlock()
		all := []album{}
		for id := 1; id < next; id++ {
			if one, ok := albums[id]; ok {
				all = append(all, one)
			}
		}
		c.JSON(200, gin.H{"data": all, "total": len(all)})
	})
	router.POST("/api/albums", func(c *gin.Context) {
		var one album
		if err := c.ShouldBindJSON(&one); err != nil {
			c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
			return
		}
		lock.Lock()
		defer lock.Unlock()
		one.ID = next
		albums[next] = one
		next++
		c.Header("Location", "/api/albums/"+strconv.Itoa(one.ID))
		c.JSON(201, gin.H{"data": one})
	})
	one := func(do func(c *gin.Context, id int, found album)) gin.HandlerFunc {
		return func(c *gin.Context) {
			id, _ := strconv.Atoi(c.Param("id"))
			lock.Lock()
			defer lock.Unlock()
			found, ok := albums[id]
			if !ok {
				c.JSON(404, gin.H{"error": "album not found"})
				return
			}
			do(c, id, found)
		}
	}
	router.GET("/api/albums/:id", one(func(c *gin.Context, id int, found album) { c.JSON(200, gin.H{"data": found}) }))
	router.PUT("/api/albums/:id", one(func(c *gin.Context, id int, found album) {
		var given album
		if err := c.ShouldBindJSON(&given); err != nil {
			c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
			return
		}
		given.ID = id
		albums[id] = given
		c.JSON(200, gin.H{"data": given})
	}))
	router.DELETE("/api/albums/:id", one(func(c *gin.Context, id int, found album) {
		delete(albums, id)
		c.Status(204)
	}))
	router.Run("127.0.0.1:" + os.Args[1])
}
