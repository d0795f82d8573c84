/**
 * A server that reads its data after a restart: connections are accepted, but commands that need data are refused with
 * LOADING.
 *
 * Only in memory: a real server is loading while it starts, for real time, and cannot be told to be.
 */
import { refusing } from './refusing.ts'

export const loading = refusing('loading', 'makes a Redis node answer LOADING for a while, as after a restart')
