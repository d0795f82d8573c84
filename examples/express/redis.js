const { createClient } = require('redis')

const redis = createClient({ url: process.env.REDIS_URL })
redis.on('error', (error) => console.error('redis:', error.message))

module.exports = redis
