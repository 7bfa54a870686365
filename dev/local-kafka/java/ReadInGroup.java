import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A consumer application: reads as a member of a group, and commits now and then, some partitions only, until standard input ends or it has
 * read so many records; by half of them it has committed something. Arguments: bootstrap servers, group, topics with commas between, how
 * many records, seed, then consumer settings as key=value. Prints "read topic partition offset" for each record and "committed topic
 * partition offset" once the broker has it.
 */
public class ReadInGroup {
    public static void main(String[] args) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("group.id", args[1]);
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        settings.put("max.poll.records", "50");
        settings.put("default.api.timeout.ms", "5000");
        for (int i = 5; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        long left = Long.parseLong(args[3]);
        Random random = new Random(Long.parseLong(args[4]));
        InputEnd.watch();
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
            consumer.subscribe(List.of(args[2].split(",")));
            Map<TopicPartition, Long> positions = new HashMap<>();
            long half = left / 2;
            boolean hasCommitted = false;
            while (!InputEnd.isReached && left > 0) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    System.out.println("read " + record.topic() + " " + record.partition() + " " + record.offset());
                    positions.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
                    left--;
                }
                for (TopicPartition partition : List.copyOf(positions.keySet())) {
                    boolean isOverdue = !hasCommitted && left <= half;
                    if (random.nextInt(4) > 0 && !isOverdue) continue;
                    long position = positions.remove(partition);
                    consumer.commitSync(Collections.singletonMap(partition, new OffsetAndMetadata(position)));
                    hasCommitted = true;
                    System.out.println("committed " + partition.topic() + " " + partition.partition() + " " + position);
                }
            }
        }
    }
}
