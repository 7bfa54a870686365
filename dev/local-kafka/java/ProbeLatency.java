import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Produces records at a steady rate to one cluster and consumes their mirror from the other, in one process and so on one clock.
 * Arguments: source servers, source topic, target servers, target topic, partitions, bytes a value, records a second, seconds to warm up,
 * seconds to measure. Prints: sent, received, then p50, p99 and the longest latency in microseconds, from before the send to after the poll.
 */
public class ProbeLatency {
    private static volatile boolean isSending = true;

    public static void main(String[] args) throws Exception {
        int partitions = Integer.parseInt(args[4]);
        int perSecond = Integer.parseInt(args[6]);
        int warmUp = perSecond * Integer.parseInt(args[7]);
        int sent = warmUp + perSecond * Integer.parseInt(args[8]);
        long[] latencies = new long[sent];
        Arrays.fill(latencies, -1);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(args[2], args[3], partitions)) {
            Thread sender = new Thread(() -> send(args, partitions, sent, 1_000_000_000L / perSecond));
            sender.start();
            receive(consumer, latencies, sent);
            sender.join();
        }
        long[] measured = Arrays.stream(latencies, warmUp, sent).filter(nanos -> nanos >= 0).sorted().toArray();
        System.out.println((sent - warmUp) + " " + measured.length + " " + quantile(measured, 0.5) + " " + quantile(measured, 0.99)
            + " " + quantile(measured, 1));
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String servers, String topic, int partitions) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", servers);
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> assigned = new ArrayList<>();
        for (int i = 0; i < partitions; i++) assigned.add(new TopicPartition(topic, i));
        consumer.assign(assigned);
        consumer.seekToEnd(assigned);
        // Seeking is lazy: without this, a record that arrives at once could lie before the end that is looked up.
        for (TopicPartition one : assigned) consumer.position(one);
        return consumer;
    }

    /** The schedule is absolute: a late record does not delay the next ones. */
    private static void send(String[] args, int partitions, int count, long intervalNanos) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("linger.ms", "0");
        int size = Integer.parseInt(args[5]);
        ByteArraySerializer bytes = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
            producer.partitionsFor(args[1]);
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                long waitNanos = start + i * intervalNanos - System.nanoTime();
                if (waitNanos > 0) Thread.sleep(waitNanos / 1_000_000, (int) (waitNanos % 1_000_000));
                byte[] value = ByteBuffer.allocate(size).putInt(i).putLong(System.nanoTime()).array();
                producer.send(new ProducerRecord<>(args[1], i % partitions, null, value));
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        } finally {
            isSending = false;
        }
    }

    /** Until all have come, or none has for ten seconds after the last was sent. */
    private static void receive(KafkaConsumer<byte[], byte[]> consumer, long[] latencies, int count) {
        int received = 0;
        long lastNanos = System.nanoTime();
        while (received < count && (isSending || System.nanoTime() - lastNanos < 10_000_000_000L)) {
            for (ConsumerRecord<byte[], byte[]> one : consumer.poll(Duration.ofMillis(100))) {
                lastNanos = System.nanoTime();
                ByteBuffer value = ByteBuffer.wrap(one.value());
                int number = value.getInt();
                if (latencies[number] < 0) received++;
                latencies[number] = lastNanos - value.getLong();
            }
        }
    }

    private static long quantile(long[] sorted, double share) {
        if (sorted.length == 0) return -1;
        return sorted[(int) Math.min(sorted.length - 1L, (long) Math.floor(share * sorted.length))] / 1_000;
    }
}
