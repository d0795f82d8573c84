/** murlock: `runWithLock` of its service in an application of NestJS. */
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { MurLockModule, MurLockService } from 'murlock'

@Module({
  imports: [
    MurLockModule.forRoot({
      redisOptions: { url: 'redis://cache:6379' },
      wait: 20,
      maxAttempts: 10,
      logLevel: 'error',
      ignoreUnlockFail: false,
    }),
  ],
})
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: false })
const service = app.get(MurLockService)

export const withLock = (key: string, ttlMs: number, work: () => Promise<void>) => service.runWithLock(key, ttlMs, work)
