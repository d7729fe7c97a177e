redis.call('HSET', KEYS[1], 'stamp', ARGV[1], 'pixels', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
